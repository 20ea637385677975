using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Certificates;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Core.Admin;

/// <summary>
/// What an admin's session does to a node's certificate: writes the phase beside the keys and rings. The running node
/// tells its peers; a phase is written whether it runs or not, and nothing is said to anybody before it does.
/// </summary>
internal sealed class CertificateAdmin
{
    private readonly NodeRole _role;
    private readonly NodeClient _client;
    private readonly string _folder;
    private readonly string _dataPath;
    private readonly INodeStore _store;
    private readonly Func<IReadOnlyList<PairedNode>> _peers;
    private readonly RotationFiles _files;

    internal CertificateAdmin(
        NodeRole role, NodeClient client, string dataPath, string folder, INodeStore store,
        Func<IReadOnlyList<PairedNode>> peers)
    {
        (_role, _client, _dataPath, _folder, _store, _peers) = (role, client, dataPath, folder, store, peers);
        _files = new RotationFiles(folder, client.Time);
    }

    /// <summary>For a session that dials peers in this node's name.</summary>
    public ShownKeys LoadKeys() => _client.Keys();

    public CertificateReport Describe()
    {
        CertificateRotation? rotation = RotationFiles.Read(_folder);
        IEnumerable<CertificatePeer> peers = [];
        if (rotation is not null)
        {
            Func<Guid, PeerProgress> progress = new RotationProgress(_store).All(rotation);
            peers = _peers().Where(peer => peer.IsPaired || peer.IsUnderWay)
                .Select(peer => RotationProgress.Describe(rotation, peer, progress(peer.PairingId)))
                .OrderBy(peer => peer.Name, StringComparer.OrdinalIgnoreCase);
        }

        return new CertificateReport
        {
            Role = _role,
            Phase = rotation?.Phase ?? CertificatePhase.Settled,
            Fingerprint = IdentityFile.ReadFingerprint(_folder),
            Old = rotation?.Old,
            New = rotation?.New,
            RotationId = rotation?.RotationId,
            Started = rotation?.Started,
            Switched = rotation?.Switched,
            IsRunning = _client.IsRunning,
            DataPath = _dataPath,
            Peers = peers.ToList(),
        };
    }

    /// <summary>The peers that a replacement begun now would concern; all of them would have to be told.</summary>
    public CertificateReport Preview()
    {
        CertificateReport report = Describe();
        return report.Phase != CertificatePhase.Settled ? report : report with
        {
            Peers = _peers().Where(peer => peer.IsPaired || peer.IsUnderWay)
                .Select(peer => new CertificatePeer(
                    peer.PairingId,
                    peer.Name,
                    peer.IsPaired ? CertificatePeerState.Waiting : CertificatePeerState.PairingUnderWay,
                    true,
                    peer.LastContact,
                    "it would be told at its next contact"))
                .OrderBy(peer => peer.Name, StringComparer.OrdinalIgnoreCase).ToList(),
        };
    }

    /// <summary>Makes the new key and certificate beside the present ones; what is prepared already stays.</summary>
    /// <exception cref="ScanEngineException">CertificatePhaseInvalid, the key's, the folder's.</exception>
    public CertificateReport Prepare()
    {
        _client.Identity().Identity.Dispose();
        bool begun = false;
        CertificateRotation rotation = _files.Prepare(next =>
        {
            Note(Events.CertificatePrepared, next);
            begun = true;
        });
        if (rotation.Phase == CertificatePhase.RollingBack)
        {
            throw StillGoingBack();
        }

        return begun ? Written(rotation) : Describe();
    }

    /// <summary>Shows the new certificate from now on, to everybody who knows it.</summary>
    /// <param name="force">Also while peers do not know it yet: they are shown the old one until they do.</param>
    /// <exception cref="ScanEngineException">CertificatePeersLag, CertificatePhaseInvalid.</exception>
    public CertificateReport Switch(bool force)
    {
        if (!force && Describe() is { Phase: CertificatePhase.Prepared, Lagging.Count: > 0 } lagging)
        {
            throw Lag(lagging, "The new certificate is not in use yet: not every peer knows it.");
        }

        return Change(Events.CertificateSwitched, rotation => rotation.Phase switch
        {
            CertificatePhase.Prepared => rotation with
            {
                Phase = CertificatePhase.Switched,
                Switched = _client.Time.GetUtcNow(),
            },
            CertificatePhase.Switched or CertificatePhase.Finishing => rotation,
            _ => throw Invalid("The replacement of the certificate is being rolled back."),
        });
    }

    /// <summary>Has every peer drop the old certificate, and destroys its key; there is no way back then.</summary>
    /// <exception cref="ScanEngineException">CertificatePeersLag, CertificatePhaseInvalid.</exception>
    public CertificateReport Finish()
    {
        if (Describe() is { Phase: CertificatePhase.Switched, Lagging.Count: > 0 } lagging)
        {
            throw Lag(lagging, "The old certificate cannot go yet: not every peer has met the new one.");
        }

        return Change(Events.CertificateFinishing, rotation => rotation.Phase switch
        {
            CertificatePhase.Switched => rotation with { Phase = CertificatePhase.Finishing },
            CertificatePhase.Finishing => rotation,
            CertificatePhase.Prepared => throw Invalid("The new certificate is not in use yet."),
            _ => throw Invalid("The replacement of the certificate is being rolled back."),
        });
    }

    /// <summary>Goes back to the old certificate, and has every peer drop the new one.</summary>
    /// <exception cref="ScanEngineException">CertificatePhaseInvalid: the old one is being dropped already.</exception>
    public CertificateReport RollBack() => Change(Events.CertificateRollingBack, rotation =>
        rotation.Phase == CertificatePhase.Finishing
            ? throw NoWayBack()
            : rotation with { Phase = CertificatePhase.RollingBack });

    /// <summary>What <see cref="RollBack"/> or <see cref="Prepare"/> would refuse as things stand.</summary>
    /// <exception cref="ScanEngineException">CertificatePhaseInvalid.</exception>
    public void Check(bool goesBack)
    {
        ScanEngineException? refusal = (goesBack, RotationFiles.Read(_folder)?.Phase) switch
        {
            (true, null) => NothingReplaced(),
            (true, CertificatePhase.Finishing) => NoWayBack(),
            (false, CertificatePhase.RollingBack) => StillGoingBack(),
            _ => null,
        };
        if (refusal is not null)
        {
            throw refusal;
        }
    }

    /// <summary>
    /// Carries the replacement as far as <paramref name="upTo"/>, from wherever it is. What is reached within the time
    /// stays when it throws, and the next call goes on from there.
    /// </summary>
    /// <exception cref="ScanEngineException">CertificatePeersLag, ConsoleNotRunning or EngineNotRunning with peers to
    /// tell, CertificatePhaseInvalid.</exception>
    public Task<CertificateReport> UpdateAsync(
        CertificateStep upTo,
        bool force,
        TimeSpan timeout,
        Action<CertificateReport>? progress,
        CancellationToken cancellationToken) =>
        new CertificateUpdate(this, _client.Time, timeout, progress).RunAsync(upTo, force, cancellationToken);

    /// <summary>As <see cref="RollBack"/>, and waits until every peer has dropped the new one.</summary>
    public Task<CertificateReport> RollBackAsync(
        TimeSpan timeout, Action<CertificateReport>? progress, CancellationToken cancellationToken) =>
        new CertificateUpdate(this, _client.Time, timeout, progress).RollBackAsync(cancellationToken);

    /// <summary>Watches until it holds; the last report when the time is over.</summary>
    public async Task<CertificateReport> WatchAsync(
        Func<CertificateReport, bool> until,
        TimeSpan timeout,
        Action<CertificateReport>? progress,
        CancellationToken cancellationToken)
    {
        CertificateReport? last = null;
        return await _client.WatchAsync(() => last = Describe(), until, timeout, progress, cancellationToken)
            .ConfigureAwait(false) ?? last!;
    }

    /// <summary>Peers that the next phase waits for, by name, with what each lacks.</summary>
    public static ScanEngineException Lag(CertificateReport report, string what)
    {
        const int named = 10;
        IReadOnlyList<CertificatePeer> lagging = report.Lagging;
        string names = string.Join("; ", lagging.Take(named).Select(peer =>
            $"{peer.Name} (last contact {peer.LastContact?.ToString("u") ?? "never"}): {peer.Detail}"));
        string role = report.Role == NodeRole.Console ? "Console" : "Engine";
        return new ScanEngineException(
            FaultCode.CertificatePeersLag,
            $"{what} {names}{(lagging.Count > named ? $"; and {lagging.Count - named} more" : string.Empty)}.",
            $"Bring them into contact and run Update-EngineCertificate -Role {role} again, which goes on from here; "
                + $"remove those that are gone; or go back: Update-EngineCertificate -Role {role} -Rollback",
            lagging.Count == 1 ? lagging[0].Name : report.DataPath);
    }

    private CertificateReport Change(string name, Func<CertificateRotation, CertificateRotation> change)
    {
        bool changed = false;
        CertificateRotation? rotation = _files.Change(current =>
        {
            CertificateRotation next = change(current ?? throw NothingReplaced());
            changed = next != current;
            if (changed)
            {
                Note(name, next);
            }

            return next;
        });
        return changed && rotation is not null ? Written(rotation) : Describe();
    }

    // Before it is written: the running node, which may see it at once, notes after this what it makes of it.
    private void Note(string name, CertificateRotation rotation) => _store.AddEvent(
        _client.Note(name, null, string.Empty, $"old {rotation.Old}, new {rotation.New}"));

    private CertificateReport Written(CertificateRotation rotation)
    {
        _client.Ring();

        // With nobody to tell, it is over at once, whether a node runs or not.
        bool ends = rotation.Phase is CertificatePhase.Finishing or CertificatePhase.RollingBack;
        if (ends && !_client.IsRunning && Describe().Lagging.Count == 0)
        {
            RotationEnd.RevokeSecrets(_store, rotation, _client.Time.GetUtcNow());
            _files.Close(rotation.RotationId);
            new RotationProgress(_store).Clear();
            _client.Done(RotationEnd.Name(rotation), null, string.Empty, $"{rotation.Target}");
        }

        return Describe();
    }

    private ScanEngineException NothingReplaced() => Invalid("No certificate is being replaced here.");

    private ScanEngineException NoWayBack() =>
        Invalid("Peers have dropped the old certificate already: there is no way back to it.");

    private ScanEngineException StillGoingBack() =>
        Invalid("The last replacement of the certificate is still being rolled back.");

    private ScanEngineException Invalid(string why) => new(
        FaultCode.CertificatePhaseInvalid,
        why,
        $"Get-EngineCertificate -Role {_role} shows how far it is. Update-EngineCertificate -Role {_role} goes on with "
            + "a replacement, and with -Rollback with the way back.",
        _dataPath);
}
