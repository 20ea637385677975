using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Applier;
using ScanEngineAdmin.Core.Console;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Core.Pairing;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Schedules;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Firewall.Providers;

namespace ScanEngineAdmin.Core.Admin;

/// <summary>
/// What an admin does to a console, from any process on its host: writes the request into its store and rings. What
/// needs a running console says so (ConsoleNotRunning).
/// </summary>
internal sealed class ConsoleAdmin : NodeAdmin
{
    private ConsoleAdmin(
        DataFolder folder, IConsoleStore store, ICronReader cron, TimeProvider time, FirewallAnswers? answers)
        : base(
            NodeRole.Console, folder, folder.Console, store, time, answers, () => ConsoleCertificates.Peers(store))
    {
        Store = store;
        Scans = new ScanQueue(store, Client);
        Pools = new PoolAdmin(store, Client);
        Schedules = new ScheduleAdmin(store, Client, Scans, cron);
        Direction = new DirectionAdmin(
            store, Client, new DirectionFirewall(new FirewallApplierClient(store, folder.Console, time), folder.Root),
            new ReachabilityClient(store, Client, folder.Console).AskFirewallAsync, answers);
    }

    public IConsoleStore Store { get; }

    /// <summary>The queue of scans.</summary>
    public ScanQueue Scans { get; }

    /// <summary>The pools of engines.</summary>
    public PoolAdmin Pools { get; }

    /// <summary>Scans that begin by themselves.</summary>
    public ScheduleAdmin Schedules { get; }

    /// <summary>Changes of direction.</summary>
    public DirectionAdmin Direction { get; }

    /// <param name="folder">Where the console's data is.</param>
    /// <param name="stores">Opens its store.</param>
    /// <param name="time">The clock.</param>
    /// <param name="answers">
    /// For one run over many engines: this host's firewall tools are asked once for all of them. Without it they are
    /// asked each time.
    /// </param>
    public static ConsoleAdmin Open(
        DataFolder folder, IStoreProvider stores, TimeProvider? time = null, FirewallAnswers? answers = null)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(stores);
        return new ConsoleAdmin(
            folder, stores.OpenConsole(folder.LookConsole()), stores.Cron, time ?? TimeProvider.System, answers);
    }

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
            Registered = Client.Time.GetUtcNow(),
        };
        Store.AddEngine(engine);
        Client.Done(Events.EngineRegistered, engine.PairingId, name, $"{address}, port {port}");
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
        bool replace = false,
        HttpProxy? proxy = null)
    {
        ArgumentNullException.ThrowIfNull(secret);
        CheckTyped(name, address, port);
        address = DialAddress.Validate(address);
        (Guid consoleId, NodeIdentity identity) = Client.Identity();
        using (identity)
        {
            var self = new PairingSelf(
                NodeRole.Console, consoleId, Environment.MachineName, ProductVersion.Text, identity.Fingerprint);
            PairedPeer peer = await SecretDial.PairAsync(
                self,
                identity,
                new ConsoleLedger(Store, Client.Time, replace),
                secret,
                name,
                (address, port),
                Client.Time,
                proxy,
                cancellationToken).ConfigureAwait(false);
            Client.Done(Events.Paired, peer.PairingId, name, "by secret");
            return Engine(peer.PairingId);
        }
    }

    /// <summary>Confirms an engine's identity after its fingerprint was compared. Throws FingerprintMismatch.</summary>
    public EngineRecord ApproveEngine(Guid pairingId, Fingerprint compared) => Change(
        pairingId,
        Events.EngineApproved,
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

        return Change(pairingId, Events.EngineSet, engine => engine with
        {
            Name = newName ?? engine.Name,
            Address = address ?? engine.Address,
            Port = port ?? engine.Port,
        });
    }

    /// <summary>
    /// From where it may dial this console, whatever address it is seen at; none for that one. Throws AddressInvalid.
    /// </summary>
    public EngineRecord SetAllowFrom(Guid pairingId, IEnumerable<string> sources)
    {
        string? from = AllowedSources.Normalize(sources);
        EngineRecord changed = Store.UpdateEngine(pairingId, engine => engine with { AllowFrom = from })
            ?? throw EngineAccess.NotFound($"{pairingId:D}");
        string detail = $"may dial from {from ?? "the address that it is seen at"}";
        Client.Done(Events.EngineSet, pairingId, changed.Name, detail);
        return changed;
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
        DateTimeOffset now = Client.Time.GetUtcNow();
        IReadOnlyList<Guid> ended = Store.ExpelKeys(engine.EngineId, engine.Pins, now);
        RevokedKeys.Remember(Store, engine.Pins, now);
        Store.RemoveEngine(pairingId);
        Client.Done(Events.EngineUnregistered, pairingId, engine.Name, NodeClient.Ended(ended));
        Client.CleanUp();
    }

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
        Store.SetQuota(pairingId, bytes, Client.Note(Events.EngineQuotaSet, pairingId, engine.Name, quota));
        Client.Ring();
    }

    /// <summary>Watches an engine until <paramref name="until"/> holds. Throws TimedOut, EngineNotFound.</summary>
    public async Task<EngineRecord> WaitEngineAsync(
        Guid pairingId,
        Func<EngineRecord, bool> until,
        TimeSpan timeout,
        Action<EngineRecord>? progress,
        CancellationToken cancellationToken)
    {
        EngineRecord? last = null;
        return await Client.WatchAsync(() => last = Engine(pairingId), until, timeout, progress, cancellationToken)
            .ConfigureAwait(false)
            ?? throw new ScanEngineException(
                FaultCode.TimedOut,
                $"Engine '{last?.Name}' is {last?.Status} after {timeout.TotalSeconds:0.#} s: {last?.StatusDetail}",
                $"Test-EngineFirewall -Name '{last?.Name}'",
                last?.Name);
    }

    /// <summary>Writes into the audit trail what was done to the console as a whole.</summary>
    internal void Note(string name, string detail) => Client.Done(name, null, string.Empty, detail);

    private EngineRecord Engine(Guid pairingId) => EngineAccess.Require(Store, pairingId);

    private EngineRecord Change(Guid pairingId, string name, Func<EngineRecord, EngineRecord> change)
    {
        EngineRecord changed = Store.UpdateEngine(pairingId, change) ?? throw EngineAccess.NotFound($"{pairingId:D}");
        Client.Done(name, pairingId, changed.Name);
        return changed;
    }
}
