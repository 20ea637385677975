using ScanEngineAdmin.Core.Diagnosis;
using ScanEngineAdmin.Core.Directions;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Firewall.Providers;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Core.Admin;

/// <summary>
/// An admin's half of a change of direction: writes the request, and watches what the running console, the only
/// decider, makes of it. Whoever stops watching leaves the change to the console.
/// </summary>
internal sealed class DirectionAdmin
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    private readonly IConsoleStore _store;
    private readonly NodeClient _client;
    private readonly DirectionFirewall _firewall;
    private readonly DirectionWatch _watch;
    private readonly DirectionProbe _probe;
    private readonly DirectionMove _move;
    private readonly Func<EngineRecord, CancellationToken, Task<HostFirewallFacts?>> _askEngine;
    private readonly FirewallAnswers? _answers;

    internal DirectionAdmin(
        IConsoleStore store,
        NodeClient client,
        DirectionFirewall firewall,
        Func<EngineRecord, CancellationToken, Task<HostFirewallFacts?>> askEngine,
        FirewallAnswers? answers)
    {
        _store = store;
        _client = client;
        _firewall = firewall;
        _watch = new DirectionWatch(store, client, firewall);
        _probe = new DirectionProbe(store, client, answers);
        _move = new DirectionMove(store, client, _probe);
        _askEngine = askEngine;
        _answers = answers;
    }

    /// <summary>
    /// What a change would mean for both hosts' firewalls; touches nothing and asks nobody: only literal addresses are
    /// named, and each host has its platform's usual firewall. <see cref="PreviewAsync"/> asks.
    /// </summary>
    public FirewallPlan Plan(Guid pairingId, DirectionChangeRequest request)
    {
        EngineRecord engine = EngineAccess.Require(_store, pairingId);

        // Nobody was asked, so what is not known is no finding.
        return DryRun(engine, request, Check(engine, request), DirectionHosts.Assumed) with { OutboundUnknown = [] };
    }

    /// <summary>
    /// Changes the direction and waits for the outcome and the engine's acknowledgement. The plan says Committed. An
    /// engine already there: nothing happens, the plan has only Keep. Throws ChangeFailed (rolled back, with the
    /// cause), ChangeInProgress, ConsoleNotRunning, AddressRequired, ConsoleAddressRequired, TimedOut. Cancelling ends
    /// the watching only: the change is the console's from the moment it is written. One that is committed but not yet
    /// acknowledged when the time is over holds; the last progress says so.
    /// </summary>
    public async Task<FirewallPlan> ChangeAsync(
        Guid pairingId, DirectionChangeRequest request, Action<ChangeRecord>? progress,
        CancellationToken cancellationToken)
    {
        EngineRecord engine = EngineAccess.Require(_store, pairingId);
        DirectionAddresses addresses = Check(engine, request);
        bool moved = IsMoved(engine, request);
        if (engine.Direction == request.Direction)
        {
            // Whoever names the direction in force wants no other any more.
            Withdraw(engine);
        }

        if (engine.Direction == request.Direction && !_move.IsOfConsole(engine, request))
        {
            await _move.ReaddressAsync(engine, request, addresses, cancellationToken).ConfigureAwait(false);
            return Made(
                engine, request, addresses,
                await AskAsync(engine, request, addresses, cancellationToken).ConfigureAwait(false), moved);
        }

        // A reverse engine that is told a port alone would dial the one it knows, and prove that.
        addresses.Require(engine, request.Direction);
        if (!_client.IsRunning)
        {
            throw DirectionWatch.NoConsole(engine, "Nothing was changed.");
        }

        if (request.ApplyFirewall)
        {
            _firewall.RequireApplier(engine);
        }

        ChangeRecord change = Row(engine, request, addresses);
        _store.AddChange(change, _client.Note(
            Events.DirectionChangeRequested,
            engine.PairingId,
            engine.Name,
            $"{change.From} -> {change.To}, {change.ChangeId:D}"));
        _client.Ring();

        // Asked meanwhile: only the plan needs the answer, and a host's firewall tools may take seconds.
        Task<DirectionHosts> asking = AskAsync(engine, request, addresses, cancellationToken);
        change = await _watch.WatchAsync(engine, change, progress, cancellationToken).ConfigureAwait(false);
        DirectionHosts hosts = await asking.ConfigureAwait(false);
        DirectionAddresses settled = addresses with { EnginePort = change.Port ?? addresses.EnginePort };
        FirewallPlan plan = Made(engine, request, settled, hosts, moved, change);
        return change.ApplyFirewall
            ? await _firewall.MarkAsync(plan, change, cancellationToken).ConfigureAwait(false)
            : plan;
    }

    /// <summary>
    /// A dry run with more: the scans concerned, and the new way tried as far as that changes nothing.
    /// </summary>
    public async Task<DirectionPreview> PreviewAsync(
        Guid pairingId, DirectionChangeRequest request, CancellationToken cancellationToken)
    {
        EngineRecord engine = EngineAccess.Require(_store, pairingId);
        DirectionAddresses addresses = Check(engine, request);
        Task<DirectionHosts> asking = AskAsync(engine, request, addresses, cancellationToken);
        FirewallTestResult? reach = engine.Direction == request.Direction && !DirectionMove.IsOfEngine(engine, request)
            ? null
            : await _probe.TryAsync(engine, request, addresses, cancellationToken).ConfigureAwait(false);
        FirewallPlan plan = DryRun(engine, request, addresses, await asking.ConfigureAwait(false));
        plan = request.ApplyFirewall ? _firewall.Preview(plan, engine) : plan;
        return new DirectionPreview
        {
            Plan = plan,
            Shown = reach is null ? plan : DirectionProbe.Shown(plan, reach, engine, addresses),
            Appliers = request.ApplyFirewall ? _firewall.Describe(engine) : null,
            Scans = _store.ListScans(engine.PairingId, unfinishedOnly: true),
            Reach = reach,
        };
    }

    /// <summary>
    /// Records the change for an engine that cannot be reached, or while no console runs: the console makes a change of
    /// it at a contact, until one is committed. Naming the direction in force withdraws it; another address of a
    /// standard engine is written down unproved. The plan says Requested.
    /// </summary>
    public async Task<FirewallPlan> RequestOfflineAsync(
        Guid pairingId, DirectionChangeRequest request, CancellationToken cancellationToken)
    {
        EngineRecord engine = EngineAccess.Require(_store, pairingId);
        DirectionAddresses addresses = Check(engine, request);
        DirectionHosts hosts = await AskAsync(engine, request, addresses, cancellationToken).ConfigureAwait(false);
        FirewallPlan plan = Made(
            engine, request, addresses, hosts, DirectionMove.IsOfEngine(engine, request));
        if (engine.Direction == request.Direction)
        {
            Withdraw(engine);
            _move.Readdress(engine, request);
            return plan;
        }

        ChangeRecord row = Row(engine, request, addresses);
        var wanted = new PendingDirectionChange(row, row.RequestedBy)
        {
            PairingId = engine.PairingId,
            Requested = row.Requested,
        };
        if (_store.GetPendingChange(engine.PairingId)?.AsksTheSame(wanted) is not true)
        {
            _store.SetPendingChange(wanted);
            _client.Done(Events.PendingChangeRequested, engine.PairingId, engine.Name, $"{row.From} -> {row.To}");
        }

        return plan with { State = ChangeState.Requested };
    }

    /// <summary>
    /// The request that goes back behind the last committed change. Throws ChangeNotFound, ConsoleAddressRequired.
    /// </summary>
    public DirectionChangeRequest Before(Guid pairingId, TimeSpan timeout) =>
        DirectionHistory.Before(_store, EngineAccess.Require(_store, pairingId), timeout);

    /// <summary>How an engine's direction stands, and what was done last.</summary>
    public CommunicationReport Report(Guid pairingId) =>
        CommunicationReport.Of(_store, EngineAccess.Require(_store, pairingId));

    private void Withdraw(EngineRecord engine)
    {
        if (_store.RemovePendingChange(engine.PairingId))
        {
            _client.Done(Events.PendingChangeWithdrawn, engine.PairingId, engine.Name, $"{engine.Direction} stays");
        }
    }

    private FirewallPlan DryRun(
        EngineRecord engine, DirectionChangeRequest request, DirectionAddresses addresses, DirectionHosts hosts) =>
        DirectionPlan.Make(
            _store, engine, request.Direction, addresses, hosts, change: null, request.DenyOutbound, dryRun: true,
            IsMoved(engine, request));

    private bool IsMoved(EngineRecord engine, DirectionChangeRequest request) =>
        DirectionMove.IsOfEngine(engine, request) || _move.IsOfConsole(engine, request);

    private FirewallPlan Made(
        EngineRecord engine, DirectionChangeRequest request, DirectionAddresses addresses, DirectionHosts hosts,
        bool moved, ChangeRecord? change = null) =>
        DirectionPlan.Make(
            _store, engine, request.Direction, addresses, hosts, change, request.DenyOutbound, dryRun: false, moved);

    private DirectionAddresses Check(EngineRecord engine, DirectionChangeRequest request)
    {
        DirectionAddresses.Validate(request);
        if (request.Timeout < Shortest || request.Timeout > Longest)
        {
            throw new ScanEngineException(
                FaultCode.OptionInvalid,
                $"A change of direction cannot be given {request.Timeout}.",
                "Use -Timeout with 1s to 1h; 60s is the default.",
                $"{request.Timeout}");
        }

        EngineAccess.RequirePaired(engine);
        DirectionAddresses addresses = DirectionAddresses.Of(_store, engine, request);
        if (engine.Direction != request.Direction && !request.AsBefore)
        {
            addresses.Require(engine, request.Direction);
        }

        return addresses;
    }

    private Task<DirectionHosts> AskAsync(
        EngineRecord engine, DirectionChangeRequest request, DirectionAddresses addresses,
        CancellationToken cancellationToken) =>
        DirectionHosts.AskAsync(
            [addresses.Engine, addresses.Console],
            request.Direction == CommunicationDirection.ConsoleToEngine
            || engine.Direction == CommunicationDirection.ConsoleToEngine
                ? (engine.ObservedAddress is { } seen && !DirectionMove.IsOfEngine(engine, request)
                    ? seen : addresses.Engine, addresses.EnginePort)
                : null,
            _client.Answers(_answers),
            // Only one that is in contact can answer.
            token => engine.Status == CommunicationStatus.Active
                ? _askEngine(engine, token)
                : Task.FromResult<HostFirewallFacts?>(null),
            _client.Time,
            cancellationToken);

    private ChangeRecord Row(EngineRecord engine, DirectionChangeRequest request, DirectionAddresses addresses)
    {
        bool standard = request.Direction == CommunicationDirection.ConsoleToEngine;
        return new ChangeRecord(request, _client.Actor)
        {
            ChangeId = Guid.NewGuid(),
            PairingId = engine.PairingId,
            From = engine.Direction,
            Epoch = engine.Epoch + 1,
            State = ChangeState.Requested,
            Detail = standard && request.Address is null && engine.Address is null
                ? $"The engine will be dialled at {addresses.Engine}, where it was last seen: nobody named its address."
                : string.Empty,
            Address = standard ? addresses.Engine : null,

            // A port that nobody named is only a default: the engine says where it listens.
            Port = standard ? request.Port ?? (engine.Address is null ? null : engine.Port) : null,
            ConsoleAddress = standard ? null : addresses.Console,
            ConsolePort = standard ? null : addresses.ConsolePort,
            Requested = _client.Time.GetUtcNow(),
        };
    }
}
