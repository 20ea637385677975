using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Core.Pairing;

/// <summary>The console's pairings. An engine's id belongs to the key that was confirmed with it.</summary>
/// <param name="store">The console's store.</param>
/// <param name="time">The clock.</param>
/// <param name="replaces">Whether an admin here says that the engine dialled takes the place of the one so
/// named.</param>
internal sealed class ConsoleLedger(IConsoleStore store, TimeProvider time, bool replaces = false) : IPairingLedger
{
    private const int PendingPerAddress = 8;
    private const int PendingInAll = 256;

    // Of the key, beside a name that is claimed twice.
    private const int ShortestLabel = 8;
    private const int LongestLabel = 32;

    public (Guid PairingId, long Epoch)? Number(
        Guid? peerNodeId, Fingerprint peer, string engineName, bool bound = false)
    {
        (EngineRecord? owner, EngineRecord? named) = Find(peerNodeId, peer, engineName);
        EngineRecord? known = owner ?? (peerNodeId is null || bound || IsReserved(named) ? named : null);
        return known is null
            ? (Guid.NewGuid(), 0)
            : (known.PairingId, known.State == EngineState.Paired ? known.Epoch + 1 : known.Epoch);
    }

    public void Check(PairedPeer peer)
    {
        (EngineRecord? owner, EngineRecord? named) = Find(peer.PeerNodeId, peer.PeerFingerprint, peer.EngineName);
        bool otherId = owner?.EngineId is { } id && id != peer.PeerNodeId;
        bool otherKey = owner is { Pins.Count: > 0 } && !owner.Pins.Contains(peer.PeerFingerprint);
        if (otherId || (otherKey && !peer.Repair))
        {
            throw new ScanEngineException(
                FaultCode.IdentityConflict,
                $"Engine '{peer.EngineName}' ({peer.PeerNodeId:D}) is known here as '{owner!.Name}' with another "
                    + "identity.",
                $"If its key was replaced on purpose: New-EnginePairingSecret -EngineName '{owner.Name}', and pair "
                    + "with it.",
                peer.EngineName);
        }

        // By a secret bound to the name: the engine that was registered under it, or that one rebuilt, with a new id.
        bool takesOwn = owner is null && peer.Repair
            && (IsReserved(named) || (named?.PairingId == peer.PairingId && (replaces || peer.SecretId is not null)));
        bool takesClaimed = peer.Proved && IsOnlyClaimed(named);
        if (named is not null && named.PairingId != owner?.PairingId && !takesOwn && !takesClaimed)
        {
            throw new ScanEngineException(
                FaultCode.EngineNameInUse,
                $"Another engine is called '{named.Name}' here.",
                $"Choose another name. If it is that engine rebuilt: New-EnginePairingSecret -EngineName '{named.Name}' "
                    + "at the console, and pair with it; it keeps its scans, and its old key is refused.",
                named.Name);
        }

        CheckLook(peer, owner);
    }

    /// <summary>
    /// A name is judged where it is chosen: one that is there already, or was given by an admin here, is not.
    /// </summary>
    private void CheckLook(PairedPeer peer, EngineRecord? owner)
    {
        if (string.Equals(owner?.Name, peer.EngineName, StringComparison.OrdinalIgnoreCase))
        {
            return;
        }

        string? alike = store.ListConfirmedNames()
            .FirstOrDefault(engine => engine.PairingId != owner?.PairingId && engine.PairingId != peer.PairingId
                && EngineName.LooksLike(engine.Name, peer.EngineName)).Name;
        if (alike is not null)
        {
            throw EngineName.Alike(alike, peer.EngineName);
        }
    }

    public void Record(PairedPeer peer)
    {
        Check(peer);
        RevokedKeys.RequireIn(store, peer);
        (_, EngineRecord? named) = Find(peer.PeerNodeId, peer.PeerFingerprint, peer.EngineName);
        if (IsOnlyClaimed(named) && named!.PairingId != peer.PairingId)
        {
            store.RemoveEngine(named.PairingId);
        }

        // First: a key that is replaced is out before another has its place.
        if (store.GetEngine(peer.PairingId) is { } before
            && before.Pins.Where(pin => pin != peer.PeerFingerprint).ToList() is { Count: > 0 } replaced)
        {
            DateTimeOffset now = time.GetUtcNow();
            store.ExpelKeys(before.EngineId, replaced, now, peer.PeerFingerprint, peer.SecretId);
            RevokedKeys.Remember(store, replaced, now);
        }

        EngineRecord? there = store.UpdateEngine(
            peer.PairingId, engine => Paired(engine, RevokedKeys.RequireIn(store, peer)));
        if (there is not null)
        {
            return;
        }

        store.AddEngine(Paired(Blank(peer), peer));
        try
        {
            RevokedKeys.RequireIn(store, peer);
        }
        catch (ScanEngineException)
        {
            // It was unregistered before it was recorded: there was nothing to remove then.
            if (store.GetEngine(peer.PairingId)?.Pins.Contains(peer.PeerFingerprint) is true)
            {
                store.RemoveEngine(peer.PairingId);
            }

            throw;
        }
    }

    public (Guid PairingId, bool Approved) Ask(PairedPeer asking)
    {
        PairedPeer peer = asking with { EngineName = Label(asking) };
        Check(peer);
        (EngineRecord? owner, _) = Find(peer.PeerNodeId, peer.PeerFingerprint, peer.EngineName);
        if (owner is { Pins.Count: 0, ObservedFingerprint.IsEmpty: false }
            && owner.ObservedFingerprint != peer.PeerFingerprint)
        {
            // What an admin is comparing must not change under his eyes because somebody else claims the same id.
            throw new ScanEngineException(
                FaultCode.IdentityConflict,
                $"Another key has claimed the id of engine '{peer.EngineName}' and waits for approval.",
                $"If that one is not the engine: Unregister-ScanEngine -Name '{owner.Name}', or pair by a secret.",
                peer.EngineName);
        }

        EngineRecord? known = owner is null ? null : store.UpdateEngine(owner.PairingId, engine => Asked(engine, peer));
        if (known is null)
        {
            known = Asked(Blank(peer), peer);
            store.AddPendingEngine(known, PendingPerAddress, PendingInAll);
        }

        return (known.PairingId, known.Pins.Contains(peer.PeerFingerprint));
    }

    /// <summary>
    /// What it is listed as. One that is listed keeps its name here, whatever it calls itself; one whose name another
    /// stranger only claimed is listed beside him, with a piece of its own key: nobody blocks a name by asking first.
    /// </summary>
    private string Label(PairedPeer peer)
    {
        (EngineRecord? owner, EngineRecord? named) = Find(peer.PeerNodeId, peer.PeerFingerprint, peer.EngineName);
        if (owner is not null || !IsOnlyClaimed(named))
        {
            return owner?.Name ?? peer.EngineName;
        }

        for (int digits = ShortestLabel; digits <= LongestLabel; digits++)
        {
            string tail = $"-{peer.PeerFingerprint.Hex[..digits]}";
            int room = Math.Min(peer.EngineName.Length, EngineName.MaxLength - tail.Length);
            string name = peer.EngineName[..room] + tail;
            if (Find(null, peer.PeerFingerprint, name).Named is null)
            {
                return name;
            }
        }

        return peer.EngineName;
    }

    // A name that an admin registered for an engine that nobody has met yet.
    private static bool IsReserved(EngineRecord? engine) => engine is { EngineId: null, Pins.Count: 0 };

    // Somebody asked under that name, and no admin has confirmed anything about him: not worth more than a proof.
    private static bool IsOnlyClaimed(EngineRecord? engine) => engine is { State: EngineState.Pending, Pins.Count: 0 };

    private static EngineRecord Paired(EngineRecord engine, PairedPeer peer) => engine with
    {
        EngineId = peer.PeerNodeId,
        Name = peer.EngineName,
        Address = peer.DialledAddress ?? engine.Address,
        Port = peer.DialledPort ?? engine.Port,
        Direction = peer.Direction,
        Epoch = peer.Epoch,
        State = EngineState.Paired,
        Pins = [peer.PeerFingerprint],
        ObservedFingerprint = peer.PeerFingerprint,
        ApprovedByEngine = true,
        ObservedAddress = peer.ObservedAddress?.ToString() ?? engine.ObservedAddress,
        Status = CommunicationStatus.Unknown,
        StatusDetail = "paired; no round trip on the channel yet",
        Version = peer.Product,
        ProposedDirection = null,
    };

    private static EngineRecord Asked(EngineRecord engine, PairedPeer peer)
    {
        bool confirmed = engine.Pins.Contains(peer.PeerFingerprint);
        bool paired = engine.State == EngineState.Paired || (confirmed && peer.ConfirmedByPeer);
        return engine with
        {
            EngineId = peer.PeerNodeId,
            ObservedFingerprint = peer.PeerFingerprint,
            ApprovedByEngine = engine.State == EngineState.Paired || peer.ConfirmedByPeer,
            ObservedAddress = peer.ObservedAddress?.ToString() ?? engine.ObservedAddress,
            Version = peer.Product,
            State = paired ? EngineState.Paired : engine.State,
            Status = paired ? engine.Status : CommunicationStatus.PendingAuthorization,
            StatusDetail = paired ? engine.StatusDetail
                : confirmed ? "the engine's admin has not approved this console"
                : "engine identity not confirmed",
        };
    }

    private EngineRecord Blank(PairedPeer peer) => new()
    {
        PairingId = peer.PairingId,
        EngineId = peer.PeerNodeId,
        Name = peer.EngineName,
        Direction = peer.Direction,
        State = EngineState.Pending,
        Registered = time.GetUtcNow(),
    };

    // By the store, not by a list of all: a stranger who asks must not cost what thousands of engines do.
    private (EngineRecord? Owner, EngineRecord? Named) Find(Guid? nodeId, Fingerprint peer, string engineName) => (
        store.FindEngine(peer) ?? (nodeId is { } id ? store.FindEngine(id) : null),
        store.FindEngine(engineName));
}
