using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Applier;
using ScanEngineAdmin.Core.Console;
using ScanEngineAdmin.Core.Diagnosis;
using ScanEngineAdmin.Core.Directions;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Core.Pairing;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Domain.Pairing;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Firewall.Providers;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Scanning.Plan;

namespace ScanEngineAdmin.Core.Admin;

/// <summary>
/// What an admin does to a console, from any process on its host: writes the request into its store and rings. What
/// needs a running console says so (ConsoleNotRunning).
/// </summary>
public sealed class ConsoleAdmin : IDisposable
{
    private readonly NodeClient _client;
    private readonly ScanQueue _scans;
    private readonly DirectionAdmin _direction;

    private ConsoleAdmin(DataFolder folder, IConsoleStore store, TimeProvider time)
    {
        Folder = folder;
        Store = store;
        _client = new NodeClient(NodeRole.Console, folder, folder.Console, store, time);
        _scans = new ScanQueue(store, _client);
        _direction = new DirectionAdmin(
            store, _client, new DirectionFirewall(new FirewallApplierClient(store, folder.Console, time), folder.Root),
            (engine, token) => new ReachabilityClient(store, _client, folder.Console).AskFirewallAsync(engine, token));
        Certificate = new CertificateAdmin(
            NodeRole.Console, _client, folder.Root, folder.Console, store, () => ConsoleCertificates.Peers(store));
    }

    public IConsoleStore Store { get; }

    public DataFolder Folder { get; }

    /// <summary>The console's certificate and its replacement.</summary>
    public CertificateAdmin Certificate { get; }

    public static ConsoleAdmin Open(DataFolder folder, IStoreProvider stores, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(stores);
        return new ConsoleAdmin(folder, stores.OpenConsole(folder.LookConsole()), time ?? TimeProvider.System);
    }

    public NodeInfo Describe() => _client.Describe();

    /// <summary>Asks the running console, in whatever process, to stop, and waits for it. False if none runs.</summary>
    public Task<bool> StopAsync(TimeSpan timeout, CancellationToken cancellationToken) =>
        _client.StopAsync(timeout, cancellationToken);

    /// <summary>By name, without case. Throws EngineNotFound.</summary>
    public EngineRecord GetEngine(string name) =>
        Store.FindEngine(name) ?? throw NotFound(name);

    /// <summary>
    /// Registers a standard engine for approval. With a fingerprint its identity is confirmed beforehand.
    /// </summary>
    public EngineRecord RegisterEngine(string name, string address, int port, Fingerprint? fingerprint)
    {
        CheckTyped(name, address, port);
        address = DialAddress.Validate(address);
        CheckLook(name, null);
        bool known = fingerprint is { IsEmpty: false };
        var engine = new EngineRecord
        {
            PairingId = Guid.NewGuid(),
            Name = name,
            Address = address,
            Port = port,
            Direction = CommunicationDirection.ConsoleToEngine,
            State = EngineState.Registered,
            Pins = known ? [fingerprint!.Value] : [],
            Status = CommunicationStatus.PendingAuthorization,
            StatusDetail = known ? "the engine's admin has not approved this console" : "engine identity not confirmed",
            Registered = _client.Time.GetUtcNow(),
        };
        Store.AddEngine(engine);
        _client.Done("EngineRegistered", engine.PairingId, name, $"{address}, port {port}");
        return engine;
    }

    /// <summary>
    /// Dials a standard engine and pairs by the secret that its admin made. To replace: it is the engine of that name,
    /// rebuilt with a new key; the scans stay, and the old key is refused.
    /// </summary>
    public async Task<EngineRecord> RegisterEngineAsync(
        string name,
        string address,
        int port,
        PairingSecret secret,
        CancellationToken cancellationToken,
        bool replace = false)
    {
        ArgumentNullException.ThrowIfNull(secret);
        CheckTyped(name, address, port);
        address = DialAddress.Validate(address);
        (Guid consoleId, NodeIdentity identity) = _client.Identity();
        using (identity)
        {
            var self = new PairingSelf(
                NodeRole.Console, consoleId, Environment.MachineName, ProductVersion.Text, identity.Fingerprint);
            PairedPeer peer = await SecretDial.PairAsync(
                self,
                identity,
                new ConsoleLedger(Store, _client.Time, replace),
                secret,
                name,
                (address, port),
                _client.Time,
                null,
                cancellationToken).ConfigureAwait(false);
            _client.Done("Paired", peer.PairingId, name, "by secret");
            return Engine(peer.PairingId);
        }
    }

    /// <summary>Confirms an engine's identity after its fingerprint was compared. Throws FingerprintMismatch.</summary>
    public EngineRecord ApproveEngine(Guid pairingId, Fingerprint compared) => Change(
        pairingId,
        "EngineApproved",
        engine =>
        {
            CheckApproval(engine, compared);
            CheckLook(engine.Name, pairingId);
            bool paired = engine.ApprovedByEngine && !engine.ObservedFingerprint.IsEmpty;
            return engine with
            {
                Pins = engine.Pins.Contains(compared) ? engine.Pins : [compared],
                State = paired ? EngineState.Paired : EngineState.Registered,
                StatusDetail = paired ? engine.StatusDetail : "the engine's admin has not approved this console",
            };
        });

    /// <summary>What <see cref="ApproveEngine"/> would refuse. Throws FingerprintMismatch.</summary>
    public static void CheckApproval(EngineRecord engine, Fingerprint compared)
    {
        ArgumentNullException.ThrowIfNull(engine);

        // Nothing to compare with yet: then the admin says beforehand whom to expect there.
        Fingerprint shown = !engine.ObservedFingerprint.IsEmpty ? engine.ObservedFingerprint
            : engine.Pins.Count > 0 ? engine.Pins[0] : compared;
        if (compared.IsEmpty || compared != shown)
        {
            throw new ScanEngineException(
                FaultCode.FingerprintMismatch,
                $"Engine '{engine.Name}' shows another fingerprint: {shown}.",
                "Compare it with Get-EngineListener or Get-EnginePoller on the engine's host. If they differ, "
                    + "somebody is in between.",
                engine.Name);
        }
    }

    public EngineRecord SetEngine(Guid pairingId, string? newName, string? address, int? port)
    {
        CheckTyped(newName, address, port);
        address = address is null ? null : DialAddress.Validate(address);
        if (newName is not null)
        {
            CheckLook(newName, pairingId);
        }

        return Change(pairingId, "EngineSet", engine => engine with
        {
            Name = newName ?? engine.Name,
            Address = address ?? engine.Address,
            Port = port ?? engine.Port,
        });
    }

    /// <summary>
    /// What no engine can be called or dialled at. Throws EngineNameInvalid, AddressInvalid, PortInvalid.
    /// </summary>
    public static void CheckTyped(string? name, string? address, int? port)
    {
        _ = name is null ? null : EngineName.Validate(name);
        _ = address is null ? null : DialAddress.Validate(address);
        _ = port is null ? 0 : DialAddress.ValidatePort(port.Value);
    }

    /// <summary>Throws EngineNameInUse when another engine than that one has the name.</summary>
    public void CheckName(string name, Guid? pairingId)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (Store.FindEngine(name) is { } other && other.PairingId != pairingId)
        {
            throw EngineName.InUse(other.Name, name);
        }

        CheckLook(name, pairingId);
    }

    private void CheckLook(string name, Guid? pairingId)
    {
        if (Store.ListConfirmedNames().FirstOrDefault(engine => engine.PairingId != pairingId
            && EngineName.LooksLike(engine.Name, name)).Name is { } alike)
        {
            throw EngineName.Alike(alike, name);
        }
    }

    public void UnregisterEngine(Guid pairingId)
    {
        EngineRecord engine = Engine(pairingId);
        DateTimeOffset now = _client.Time.GetUtcNow();
        IReadOnlyList<Guid> ended = Store.ExpelKeys(engine.EngineId, engine.Pins, now);
        RevokedKeys.Remember(Store, engine.Pins, now);
        Store.RemoveEngine(pairingId);
        _client.Done("EngineUnregistered", pairingId, engine.Name, NodeClient.Ended(ended));
        _client.CleanUp();
    }

    /// <summary>Makes a pairing secret; the text of the result is the only copy there will ever be.</summary>
    public (SecretRecord Record, PairingSecret Secret) CreateSecret(
        TimeSpan expiresIn, string? engineName, bool singleUse, int? maxUses = null) =>
        _client.CreateSecret(expiresIn, engineName, singleUse, maxUses);

    public void RevokeSecret(Guid secretId) => _client.RevokeSecret(secretId);

    /// <summary>
    /// Queues a scan. Throws TargetInvalid, PortRangeInvalid, TooManyTargets before anything is written.
    /// </summary>
    public ScanRecord QueueScan(Guid pairingId, ScanRequest request, ScanTerms? terms = null) =>
        _scans.Add(Engine(pairingId), request, terms ?? new ScanTerms());

    /// <summary>What <see cref="QueueScan"/> would refuse; writes nothing.</summary>
    public void CheckScan(Guid pairingId, ScanRequest request, ScanTerms terms) =>
        _scans.Check(Engine(pairingId), request, terms);

    /// <summary>What <see cref="ResumeScan"/> would refuse; writes nothing.</summary>
    public void CheckResume(Guid scanId, DateTimeOffset? deadline) => _scans.CheckResume(scanId, deadline);

    /// <summary>What <see cref="RemoveScan"/> would refuse; writes nothing.</summary>
    public void CheckRemove(Guid scanId, bool unfinished = false) => _scans.CheckRemove(scanId, unfinished);

    /// <summary>The scans with why those wait that are queued; what is stored is not changed.</summary>
    public IReadOnlyList<ScanRecord> Explain(IEnumerable<ScanRecord> scans)
    {
        var waiting = new ScanWaiting(Store, _client.IsRunning);
        return [.. scans.Select(waiting.Explain)];
    }

    public ScanRecord StopScan(Guid scanId) => _scans.Stop(scanId);

    /// <summary>
    /// Queues a failed or stopped scan again; what is stored stays, and the engine goes on behind it. Throws
    /// ScanNotResumable, DeadlinePassed (give a new one), ScanNotFound.
    /// </summary>
    public ScanRecord ResumeScan(Guid scanId, DateTimeOffset? deadline = null) => _scans.Resume(scanId, deadline);

    /// <summary>
    /// Removes a scan with its findings; one that is not finished only if that is wanted, and then its engine drops it.
    /// Throws ScanNotFinished, ScanNotFound.
    /// </summary>
    public void RemoveScan(Guid scanId, bool unfinished = false) => _scans.Remove(scanId, unfinished);

    /// <summary>What an engine's scans may take at this console; null for the default.</summary>
    public void SetQuota(Guid pairingId, long? bytes)
    {
        if (bytes < EngineUsage.LeastQuota)
        {
            throw new ScanEngineException(
                FaultCode.OptionInvalid,
                $"A quota of {ByteText.Of(bytes.Value)} is too small for the findings of a scan.",
                $"Use -Quota with {ByteText.Of(EngineUsage.LeastQuota)} or more, or 0 for the default.",
                $"{bytes}");
        }

        EngineRecord engine = Engine(pairingId);
        string quota = bytes is { } size ? ByteText.Of(size) : $"the default, {ByteText.Of(EngineUsage.DefaultQuota)}";
        Store.SetQuota(pairingId, bytes, _client.Note("EngineQuotaSet", pairingId, engine.Name, quota));
        _client.Ring();
    }

    /// <summary>Watches a scan until it is finished. Throws TimedOut, ScanNotFound.</summary>
    public Task<ScanRecord> WaitScanAsync(
        Guid scanId, TimeSpan timeout, Action<ScanRecord>? progress, CancellationToken cancellationToken) =>
        _scans.WaitAsync(scanId, timeout, progress, cancellationToken);

    /// <summary>Watches an engine until <paramref name="until"/> holds. Throws TimedOut, EngineNotFound.</summary>
    public async Task<EngineRecord> WaitEngineAsync(
        Guid pairingId,
        Func<EngineRecord, bool> until,
        TimeSpan timeout,
        Action<EngineRecord>? progress,
        CancellationToken cancellationToken)
    {
        EngineRecord? last = null;
        return await _client.WatchAsync(() => last = Engine(pairingId), until, timeout, progress, cancellationToken)
            .ConfigureAwait(false)
            ?? throw new ScanEngineException(
                FaultCode.TimedOut,
                $"Engine '{last?.Name}' is {last?.Status} after {timeout.TotalSeconds:0.#} s: {last?.StatusDetail}",
                $"Test-EngineFirewall -Name '{last?.Name}'",
                last?.Name);
    }

    /// <summary>
    /// What a change would mean for both hosts' firewalls; touches nothing and asks nobody: only literal addresses are
    /// named, and each host has its platform's usual firewall. <see cref="PlanChangeAsync"/> asks.
    /// </summary>
    public FirewallPlan PlanChange(Guid pairingId, DirectionChangeRequest request) =>
        // Nobody was asked, so what is not known is no finding.
        _direction.Plan(Engine(pairingId), request, DirectionHosts.Assumed) with { OutboundUnknown = [] };

    /// <summary>As <see cref="PlanChange"/>, with names resolved and this host's firewall looked at.</summary>
    public Task<FirewallPlan> PlanChangeAsync(
        Guid pairingId, DirectionChangeRequest request, CancellationToken cancellationToken) =>
        _direction.PlanAsync(Engine(pairingId), request, cancellationToken);

    /// <summary>
    /// Changes the direction and waits for the outcome and the engine's acknowledgement. The plan says Committed. An
    /// engine already there: nothing happens, the plan has only Keep. Throws ChangeFailed (rolled back, with the
    /// cause),
    /// ChangeInProgress, ConsoleNotRunning, AddressRequired, ConsoleAddressRequired, TimedOut. Cancelling ends the
    /// watching only: the change is the console's from the moment it is written. One that is committed but not yet
    /// acknowledged when the time is over holds; the last progress says so.
    /// </summary>
    public Task<FirewallPlan> ChangeDirectionAsync(
        Guid pairingId, DirectionChangeRequest request, Action<ChangeRecord>? progress,
        CancellationToken cancellationToken) =>
        _direction.RunAsync(Engine(pairingId), request, progress, cancellationToken);

    /// <summary>
    /// Records the change for an engine that cannot be reached, or while no console runs: the console makes a change of
    /// it at a contact, until one is committed. Naming the direction in force withdraws it. The plan says Requested.
    /// </summary>
    public Task<FirewallPlan> RequestOfflineAsync(
        Guid pairingId, DirectionChangeRequest request, CancellationToken cancellationToken) =>
        _direction.RequestAsync(Engine(pairingId), request, cancellationToken);

    /// <summary>
    /// A dry run with more: the scans concerned, and the new way tried as far as that changes nothing.
    /// </summary>
    public Task<DirectionPreview> PreviewChangeAsync(
        Guid pairingId, DirectionChangeRequest request, CancellationToken cancellationToken) =>
        _direction.PreviewAsync(Engine(pairingId), request, cancellationToken);

    /// <summary>
    /// The request that goes back behind the last committed change. Throws ChangeNotFound, ConsoleAddressRequired.
    /// </summary>
    public DirectionChangeRequest RequestBefore(Guid pairingId, TimeSpan timeout) =>
        DirectionHistory.Before(Store, Engine(pairingId), timeout);

    /// <summary>How an engine's direction stands, and what was done last.</summary>
    public CommunicationReport GetCommunication(Guid pairingId) => CommunicationReport.Of(Store, Engine(pairingId));

    /// <summary>
    /// Tests the way to or from the other end as <see cref="FirewallTester"/> does; where one end cannot tell which
    /// side it is, the running console asks the other one, if a channel is open.
    /// </summary>
    public Task<FirewallTestResult> TestFirewallAsync(
        FirewallTestRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new FirewallTester(
            request.Answers ?? new FirewallAnswers(), _client.Time,
            new FirewallOtherEnd(new ReachabilityClient(Store, _client, Folder.Console).AskAsync))
            .TestAsync(request, cancellationToken);
    }

    /// <summary>Writes into the audit trail what was done to the console as a whole.</summary>
    internal void Note(string name, string detail) => _client.Done(name, null, string.Empty, detail);

    public void Dispose() => Store.Dispose();

    private EngineRecord Engine(Guid pairingId) => Store.GetEngine(pairingId) ?? throw NotFound($"{pairingId:D}");

    private EngineRecord Change(Guid pairingId, string name, Func<EngineRecord, EngineRecord> change)
    {
        EngineRecord changed = Store.UpdateEngine(pairingId, change) ?? throw NotFound($"{pairingId:D}");
        _client.Done(name, pairingId, changed.Name);
        return changed;
    }

    private static ScanEngineException NotFound(string name) => new(
        FaultCode.EngineNotFound,
        $"There is no engine '{name}' at this console.",
        "Get-ScanEngine lists those that there are.",
        name);
}
