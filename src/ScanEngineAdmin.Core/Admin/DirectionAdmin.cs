using System.Globalization;
using ScanEngineAdmin.Core.Console;
using ScanEngineAdmin.Core.Diagnosis;
using ScanEngineAdmin.Core.Directions;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Core.Admin;

/// <summary>
/// An admin's half of a change of direction: writes the request, and watches what the running console, the only
/// decider, makes of it. Whoever stops watching leaves the change to the console.
/// </summary>
internal sealed class DirectionAdmin(
    IConsoleStore store,
    NodeClient client,
    DirectionFirewall firewall,
    Func<EngineRecord, CancellationToken, Task<HostFirewallFacts?>> askEngine)
{
    private readonly DirectionMove _move = new(store, client);

    // The console counts from when it takes the change up, not from when it was asked for.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    public FirewallPlan Plan(EngineRecord engine, DirectionChangeRequest request, DirectionHosts hosts)
    {
        DirectionAddresses addresses = Check(engine, request);
        return DirectionPlan.Make(
            store, engine, request.Direction, addresses, hosts, change: null, request.DenyOutbound, dryRun: true);
    }

    public async Task<FirewallPlan> PlanAsync(
        EngineRecord engine, DirectionChangeRequest request, CancellationToken cancellationToken)
    {
        DirectionAddresses addresses = Check(engine, request);
        return Plan(
            engine, request, await AskAsync(engine, request, addresses, cancellationToken).ConfigureAwait(false));
    }

    public async Task<FirewallPlan> RunAsync(
        EngineRecord engine, DirectionChangeRequest request, Action<ChangeRecord>? progress,
        CancellationToken cancellationToken)
    {
        DirectionAddresses addresses = Check(engine, request);
        if (engine.Direction == request.Direction)
        {
            // Whoever names the direction in force wants no other any more.
            Withdraw(engine);
        }

        if (engine.Direction == request.Direction && !_move.IsOfConsole(engine, request))
        {
            await _move.ReaddressAsync(engine, request, addresses, cancellationToken).ConfigureAwait(false);
            DirectionHosts same = await AskAsync(engine, request, addresses, cancellationToken).ConfigureAwait(false);
            return DirectionPlan.Make(
                store, engine, request.Direction, addresses, same, change: null, request.DenyOutbound, dryRun: false);
        }

        // A reverse engine that is told a port alone would dial the one it knows, and prove that.
        addresses.Require(engine, request.Direction);
        RequireConsole(engine, "Nothing was changed.");
        if (request.ApplyFirewall)
        {
            firewall.RequireApplier(engine);
        }

        ChangeRecord change = Row(engine, request, addresses);
        store.AddChange(change);
        client.Done(
            "DirectionChangeRequested",
            engine.PairingId,
            engine.Name,
            $"{change.From} -> {change.To}, {change.ChangeId:D}");

        // Asked meanwhile: only the plan needs the answer, and a host's firewall tools may take seconds.
        Task<DirectionHosts> asking = AskAsync(engine, request, addresses, cancellationToken);
        change = await WatchAsync(engine, change, progress, cancellationToken).ConfigureAwait(false);
        DirectionHosts hosts = await asking.ConfigureAwait(false);
        DirectionAddresses settled = addresses with { EnginePort = change.Port ?? addresses.EnginePort };
        FirewallPlan plan = DirectionPlan.Make(
            store, engine, request.Direction, settled, hosts, change, request.DenyOutbound, dryRun: false);
        return change.ApplyFirewall
            ? await firewall.MarkAsync(plan, change, cancellationToken).ConfigureAwait(false)
            : plan;
    }

    /// <summary>What it would mean, with the new way tried as far as that changes nothing.</summary>
    public async Task<DirectionPreview> PreviewAsync(
        EngineRecord engine, DirectionChangeRequest request, CancellationToken cancellationToken)
    {
        DirectionAddresses addresses = Check(engine, request);
        Task<DirectionHosts> asking = AskAsync(engine, request, addresses, cancellationToken);
        FirewallTestResult? reach = engine.Direction == request.Direction && !DirectionMove.IsOfEngine(engine, request)
            ? null
            : await new DirectionProbe(store, client).TryAsync(engine, request, addresses, cancellationToken)
                .ConfigureAwait(false);
        FirewallPlan plan = Plan(engine, request, await asking.ConfigureAwait(false));
        return new DirectionPreview
        {
            Plan = request.ApplyFirewall ? firewall.Preview(plan, engine) : plan,
            Appliers = request.ApplyFirewall ? firewall.Describe(engine) : null,
            Scans = store.ListScans(engine.PairingId, unfinishedOnly: true),
            Reach = reach,
        };
    }

    /// <summary>
    /// Records the change for when the engine can be reached; naming the direction in force withdraws it. Where a
    /// standard engine is dialled is taken down unproved.
    /// </summary>
    public async Task<FirewallPlan> RequestAsync(
        EngineRecord engine, DirectionChangeRequest request, CancellationToken cancellationToken)
    {
        DirectionAddresses addresses = Check(engine, request);
        DirectionHosts hosts = await AskAsync(engine, request, addresses, cancellationToken).ConfigureAwait(false);
        if (engine.Direction == request.Direction)
        {
            Withdraw(engine);
            _move.Readdress(engine, request);
            return DirectionPlan.Make(
                store, engine, request.Direction, addresses, hosts, change: null, request.DenyOutbound, dryRun: false);
        }

        ChangeRecord row = Row(engine, request, addresses);
        var wanted = new PendingDirectionChange
        {
            PairingId = engine.PairingId,
            Direction = row.To,
            Address = row.Address,
            Port = row.Port,
            ConsoleAddress = row.ConsoleAddress,
            ConsolePort = row.ConsolePort,
            Timeout = row.Timeout,
            ApplyFirewall = row.ApplyFirewall,
            Requested = row.Requested,
            RequestedBy = row.RequestedBy,
        };
        if (store.GetPendingChange(engine.PairingId)?.AsksTheSame(wanted) is not true)
        {
            store.SetPendingChange(wanted);
            client.Done("OfflineWishRequested", engine.PairingId, engine.Name, $"{row.From} -> {row.To}");
        }

        FirewallPlan plan = DirectionPlan.Make(
            store, engine, request.Direction, addresses, hosts, change: null, request.DenyOutbound, dryRun: false);
        return plan with { State = ChangeState.Requested };
    }

    private void Withdraw(EngineRecord engine)
    {
        if (store.RemovePendingChange(engine.PairingId))
        {
            client.Done("OfflineWishWithdrawn", engine.PairingId, engine.Name, $"{engine.Direction} stays");
        }
    }

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
        DirectionAddresses addresses = DirectionAddresses.Of(store, engine, request);
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
            request.Answers,
            // Only one that is in contact can answer.
            token => engine.Status == CommunicationStatus.Active
                ? askEngine(engine, token)
                : Task.FromResult<HostFirewallFacts?>(null),
            client.Time,
            cancellationToken);

    private ChangeRecord Row(EngineRecord engine, DirectionChangeRequest request, DirectionAddresses addresses)
    {
        bool standard = request.Direction == CommunicationDirection.ConsoleToEngine;
        return new ChangeRecord
        {
            ChangeId = Guid.NewGuid(),
            PairingId = engine.PairingId,
            From = engine.Direction,
            To = request.Direction,
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
            Timeout = request.Timeout,
            Requested = client.Time.GetUtcNow(),
            RequestedBy = client.Actor,
            ApplyFirewall = request.ApplyFirewall,
        };
    }

    private async Task<ChangeRecord> WatchAsync(
        EngineRecord engine, ChangeRecord change, Action<ChangeRecord>? progress, CancellationToken cancellationToken)
    {
        ChangeRecord Read()
        {
            // Asked before: a console that decides and stops has decided when it is seen to have stopped.
            bool runs = client.IsRunning;
            ChangeRecord now = store.GetChange(change.ChangeId) ?? throw Gone(engine, change);
            return runs || now.IsDecided ? now : throw NoConsole(
                engine, "It stopped during the change; when it runs again it settles the change by itself.");
        }

        if (change.ApplyFirewall)
        {
            // Its time begins when the changes before it have had their rules.
            await client.WatchAsync(
                Read, static now => now.State != ChangeState.Requested,
                ChangeFirewall.LongestTurn + change.Timeout + Grace, progress, cancellationToken).ConfigureAwait(false);
        }

        ChangeRecord? settled = await client.WatchAsync(
            Read,
            now => now.IsDecided && (now.State == ChangeState.RolledBack || now.Acknowledged is not null),
            change.Timeout + Grace,
            progress,
            cancellationToken).ConfigureAwait(false);
        ChangeRecord last = settled ?? store.GetChange(change.ChangeId) ?? throw Gone(engine, change);
        if (last.State == ChangeState.RolledBack)
        {
            string rules = last.ApplyFirewall
                ? await firewall.ClosedAsync(last, cancellationToken).ConfigureAwait(false)
                : string.Empty;
            if (last.Fault == FaultCode.ApplierNotRunning)
            {
                throw firewall.NoApplier(engine);
            }

            throw new ScanEngineException(
                FaultCode.ChangeFailed,
                $"Engine '{engine.Name}' stays {last.From} ({last.Fault?.ToString() ?? "no cause known"}): "
                    + last.Detail + rules,
                last.Detail.StartsWith("Preflight", StringComparison.Ordinal)
                    ? $"Set-ScanEngineCommunication -Name '{engine.Name}' -Direction {last.To} -Offline changes it "
                        + "when the engine can be reached again."
                    : $"Test-EngineFirewall {Tested(engine, last)} shows the stage that fails.",
                engine.Name);
        }

        if (!last.IsDecided)
        {
            throw new ScanEngineException(
                FaultCode.TimedOut,
                $"The console has not decided the change of engine '{engine.Name}' to {last.To} yet ({last.State}).",
                "The change is the console's and goes on; Get-ScanEngine shows the direction in force.",
                engine.Name);
        }

        if (last.Acknowledged is null)
        {
            // The change holds; an engine that has not heard of it keeps both ways open until it does.
            last = last with
            {
                Detail = "The new direction is in force. The engine has not acknowledged it yet; both ways stay open "
                    + "until then.",
            };
            progress?.Invoke(last);
        }

        return last;
    }

    private void RequireConsole(EngineRecord engine, string detail)
    {
        if (!client.IsRunning)
        {
            throw NoConsole(engine, detail);
        }
    }

    private static ScanEngineException NoConsole(EngineRecord engine, string detail) => new(
        FaultCode.ConsoleNotRunning,
        $"No console runs here that could change engine '{engine.Name}'. {detail}",
        "Start-SecurityConsole",
        engine.Name);

    private static ScanEngineException Gone(EngineRecord engine, ChangeRecord change) => new(
        FaultCode.ChangeNotFound,
        $"The change of engine '{engine.Name}' is gone: the engine was unregistered meanwhile.",
        "Get-ScanEngine lists the engines that there are.",
        $"{change.ChangeId:D}");

    // What the change named went with it: by its name the engine would be tested where it was before.
    private static string Tested(EngineRecord engine, ChangeRecord change)
    {
        string? host = change.Address ?? engine.Address ?? engine.ObservedAddress;
        int port = change.Port ?? engine.Port;
        bool elsewhere = host != (engine.Address ?? engine.ObservedAddress) || port != engine.Port;
        return change.To == CommunicationDirection.ConsoleToEngine && elsewhere
            ? string.Create(CultureInfo.InvariantCulture, $"-ComputerName {host} -Port {port}")
            : $"-Name '{engine.Name}' -Direction {change.To}";
    }
}
