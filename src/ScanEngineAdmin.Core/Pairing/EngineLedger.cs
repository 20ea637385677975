using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Core.Pairing;

/// <summary>The engine's pairings. It may have several consoles; each numbers its own pairing.</summary>
/// <param name="store">The engine's store.</param>
/// <param name="time">The clock.</param>
/// <param name="pollInterval">For a console that is paired from here; null leaves what is there.</param>
internal sealed class EngineLedger(IEngineStore store, TimeProvider time, TimeSpan? pollInterval = null)
    : IPairingLedger
{
    private const int PendingPerAddress = 8;
    private const int PendingInAll = 256;

    public (Guid PairingId, long Epoch)? Number(
        Guid? peerNodeId, Fingerprint peer, string engineName, bool bound = false) => null;

    public void Check(PairedPeer peer)
    {
        foreach (ConsoleRecord console in store.ListConsoles().Where(IsConfirmed))
        {
            bool sameKey = console.Pins.Contains(peer.PeerFingerprint);
            bool sameId = console.ConsoleId == peer.PeerNodeId;
            bool otherId = sameKey && !sameId && console.ConsoleId is not null;
            bool otherKey = sameId && !sameKey && !peer.Repair;

            // The console chooses the number: it must not be one of another console's.
            bool otherPairing = console.PairingId == peer.PairingId && !sameKey && !sameId;
            if (otherId || otherKey || otherPairing)
            {
                throw new ScanEngineException(
                    FaultCode.IdentityConflict,
                    $"Console '{peer.PeerName}' ({peer.PeerNodeId:D}) is known here with another identity.",
                    "If its key was replaced on purpose, pair again with a secret that is bound to this engine's name.",
                    peer.PeerName);
            }
        }
    }

    public void Record(PairedPeer peer)
    {
        Check(peer);
        RevokedKeys.RequireIn(store, peer);
        IReadOnlyList<ConsoleRecord> known = store.ListConsoles();
        List<ConsoleRecord> former = known.Where(console => IsFormer(console, peer)).ToList();

        // First: a key that is replaced is out before another has its place. Who only asked was never in.
        List<Fingerprint> replaced = known
            .Where(console => (console.PairingId == peer.PairingId || former.Contains(console)) && WasIn(console))
            .SelectMany(console => console.Pins)
            .Where(pin => pin != peer.PeerFingerprint)
            .ToList();
        if (replaced.Count > 0)
        {
            store.ExpelKeys(peer.PeerNodeId, replaced, time.GetUtcNow(), peer.PeerFingerprint, peer.SecretId);
        }

        store.PutConsole(
            peer.PairingId,
            former.Select(console => console.PairingId).ToList(),
            console => Paired(console ?? Blank(peer), RevokedKeys.RequireIn(store, peer)));
    }

    public (Guid PairingId, bool Approved) Ask(PairedPeer peer)
    {
        Check(peer);
        // By key alone: an id that is not confirmed is anybody's claim, and a stranger who has heard a console's id
        // must neither take its place in the list nor undo a denial.
        ConsoleRecord? known = store.ListConsoles().FirstOrDefault(
            console => console.Pins.Contains(peer.PeerFingerprint));
        if (known is { State: ConsoleState.Denied })
        {
            throw new ScanEngineException(
                FaultCode.PairingDenied,
                "An admin of this engine denied this console.",
                "Ask that admin: Approve-EngineConsole lifts it.",
                peer.PeerName);
        }

        bool idIsFree = FreeId(peer, known is not null && IsConfirmed(known));
        ConsoleRecord Answered(ConsoleRecord console) =>
            Asked(console, peer) with { ConsoleId = idIsFree ? peer.PeerNodeId : console.ConsoleId };
        ConsoleRecord asked = Answered(known ?? Blank(peer) with { ConsoleId = null });
        if (known is not null && known.PairingId == peer.PairingId)
        {
            asked = store.UpdateConsole(known.PairingId, Answered) ?? asked;
        }
        else if (known is not null && IsConfirmed(asked))
        {
            // Its console has registered this engine again. What an admin here approved is the console, not the number.
            store.PutConsole(peer.PairingId, [known.PairingId], there => there is null ? asked : throw Taken(peer));
        }
        else
        {
            store.AddPendingConsole(asked, PendingPerAddress, PendingInAll);
            if (known is not null)
            {
                store.RemoveConsole(known.PairingId);
            }
        }

        return (peer.PairingId, IsConfirmed(asked));
    }

    internal static ScanEngineException Taken(PairedPeer peer) => new(
        FaultCode.IdentityConflict,
        $"The number that console '{peer.PeerName}' gave its pairing is another one's here.",
        "Unregister the engine at that console, and register it again.",
        peer.PeerName);

    /// <summary>Whether nobody else holds the id; who is confirmed takes it from those who only claimed it.</summary>
    private bool FreeId(PairedPeer peer, bool confirmed)
    {
        List<ConsoleRecord> others = store.ListConsoles().Where(console => console.ConsoleId == peer.PeerNodeId
            && !console.Pins.Contains(peer.PeerFingerprint)).ToList();
        if (!confirmed)
        {
            return others.Count == 0;
        }

        foreach (ConsoleRecord claimant in others)
        {
            // A denial stays: it is the key that was denied.
            store.UpdateConsole(claimant.PairingId, console => console with { ConsoleId = null });
        }

        return true;
    }

    private static bool WasIn(ConsoleRecord console) => console.State != ConsoleState.Pending;

    private static bool IsConfirmed(ConsoleRecord console) =>
        console.State is ConsoleState.Approved or ConsoleState.Paired;

    // Of the same console under another number, or only named by its address so far: the new pairing takes its place.
    private static bool IsFormer(ConsoleRecord console, PairedPeer peer) => console.PairingId != peer.PairingId
        && (console.ConsoleId == peer.PeerNodeId
            || console.Pins.Contains(peer.PeerFingerprint)
            || (console.ConsoleId is null && console.Address is not null
                && console.Port == peer.DialledPort
                && string.Equals(console.Address, peer.DialledAddress, StringComparison.OrdinalIgnoreCase)));

    private ConsoleRecord Asked(ConsoleRecord console, PairedPeer peer)
    {
        bool confirmed = IsConfirmed(console);
        return console with
        {
            PairingId = peer.PairingId,
            ConsoleId = peer.PeerNodeId,
            Name = peer.PeerName,
            EngineName = peer.EngineName,
            State = confirmed && peer.ConfirmedByPeer ? ConsoleState.Paired
                : confirmed ? console.State
                : ConsoleState.Pending,
            Pins = confirmed ? console.Pins : [peer.PeerFingerprint],
            ObservedAddress = peer.ObservedAddress?.ToString() ?? console.ObservedAddress,
            LastSeen = time.GetUtcNow(),
        };
    }

    private ConsoleRecord Paired(ConsoleRecord console, PairedPeer peer) => console.WithoutDoubt() with
    {
        ConsoleId = peer.PeerNodeId,
        Name = peer.PeerName,
        EngineName = peer.EngineName,
        State = ConsoleState.Paired,
        Direction = peer.Direction,
        Epoch = peer.Epoch,
        Pins = [peer.PeerFingerprint],
        Address = peer.DialledAddress ?? console.Address,
        Port = peer.DialledPort ?? console.Port,
        ObservedAddress = peer.ObservedAddress?.ToString() ?? console.ObservedAddress,
        PollInterval = pollInterval ?? console.PollInterval,
        LastSeen = time.GetUtcNow(),
        ConsecutiveFailures = 0,
        LastError = null,
    };

    private ConsoleRecord Blank(PairedPeer peer) => new()
    {
        PairingId = peer.PairingId,
        ConsoleId = peer.PeerNodeId,
        State = ConsoleState.Pending,
        Direction = peer.Direction,
        FirstSeen = time.GetUtcNow(),
        LastSeen = time.GetUtcNow(),
    };
}
