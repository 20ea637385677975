using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Directions;
using ScanEngineAdmin.Core.Tests.Firewall;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Core.Tests.Admin;

/// <summary>The request and the watch; what a running console does with it is written by the tests.</summary>
public sealed class DirectionAdminTests : IDisposable
{
    private readonly AdminHost _host = new();
    private readonly FolderLock _running;

    public DirectionAdminTests() => _running = FolderLock.TryTake(_host.Folder.EnsureConsole())!;

    public void Dispose()
    {
        _running.Dispose();
        _host.Dispose();
    }

    [Theory]
    [InlineData(CommunicationDirection.EngineToConsole)]
    [InlineData(CommunicationDirection.ConsoleToEngine)]
    public async Task A_change_is_asked_for_watched_and_planned(CommunicationDirection from)
    {
        CommunicationDirection to = Opposite(from);
        EngineRecord engine = _host.AddPaired("lab", from, observed: "192.0.2.9");
        using IConsoleStore console = _host.OpenConsole();
        var seen = new List<ChangeState>();

        FirewallPlan plan = await _host.Console.Direction.ChangeAsync(
            engine.PairingId, Request(to), change => Go(console, change, seen), CancellationToken.None)
            .WaitAsync(AdminHost.Bound);

        Assert.Equal(
            [ChangeState.Requested, ChangeState.Preparing, ChangeState.Committed, ChangeState.Committed], seen);
        ChangeRecord change = Assert.Single(console.ListChanges());
        Assert.Equal((from, to, 7L), (change.From, change.To, change.Epoch));
        Assert.Equal((change.ChangeId, ChangeState.Committed, false), (plan.ChangeId, plan.State, plan.DryRun));
        Assert.Equal((from, to), (plan.From, plan.To));
        Assert.Contains(plan.Rules, rule => rule.Change == RuleChange.Add && rule.Command.Length > 0);
        Assert.Contains(plan.Rules, rule => rule.Change == RuleChange.Remove);
        if (to == CommunicationDirection.ConsoleToEngine)
        {
            Assert.Equal("192.0.2.9", change.Address);
            Assert.Contains("last seen", change.Detail, StringComparison.Ordinal);
        }
        else
        {
            Assert.Equal(("192.0.2.1", 40815), (change.ConsoleAddress, change.ConsolePort));
        }
    }

    [Theory]
    [InlineData(CommunicationDirection.EngineToConsole)]
    [InlineData(CommunicationDirection.ConsoleToEngine)]
    public async Task An_engine_already_there_keeps_what_it_has_and_no_console_is_needed(
        CommunicationDirection direction)
    {
        EngineRecord engine = _host.AddPaired("lab", direction, "192.0.2.9", "192.0.2.9");
        _running.Dispose();

        FirewallPlan plan = await _host.Console.Direction.ChangeAsync(
            engine.PairingId, Request(direction), null, CancellationToken.None).WaitAsync(AdminHost.Bound);

        Assert.Empty(_host.Console.Store.ListChanges());
        Assert.NotEmpty(plan.Rules);
        Assert.All(plan.Rules, rule => Assert.Equal(RuleChange.Keep, rule.Change));
        Assert.Equal(Guid.Empty, plan.ChangeId);
    }

    [Fact]
    public async Task A_standard_engine_is_dialled_elsewhere_unproved_only_where_that_is_asked_for()
    {
        EngineRecord engine = _host.AddPaired("lab", CommunicationDirection.ConsoleToEngine, "192.0.2.9");
        using var unused = new UnusedPort(System.Net.IPAddress.Loopback);
        int closed = unused.Number;
        var request = new DirectionChangeRequest
        {
            Direction = CommunicationDirection.ConsoleToEngine,
            Address = "127.0.0.1",
            Port = closed,
        };

        Assert.Equal(FaultCode.ChangeFailed, await FaultAsync(engine, request));
        Assert.Equal("192.0.2.9", _host.Console.Store.FindEngine("lab")!.Address);

        await _host.Console.Direction.RequestOfflineAsync(engine.PairingId, request, CancellationToken.None)
            .WaitAsync(AdminHost.Bound);
        EngineRecord moved = _host.Console.Store.FindEngine("lab")!;
        Assert.Equal(("127.0.0.1", closed), (moved.Address, moved.Port));
        Assert.Empty(_host.Console.Store.ListChanges());
        Assert.Empty(_host.Console.Store.ListPendingChanges());
    }

    [Fact]
    public async Task A_dry_run_touches_nothing_and_shows_both_hosts()
    {
        EngineRecord engine = _host.AddPaired("lab", CommunicationDirection.EngineToConsole, observed: "192.0.2.9");
        DirectionChangeRequest request = Request(CommunicationDirection.ConsoleToEngine);

        FirewallPlan plan = _host.Console.Direction.Plan(engine.PairingId, request);
        FirewallPlan asked = (await _host.Console.Direction.PreviewAsync(
            engine.PairingId, request, CancellationToken.None)).Plan;

        Assert.True(plan.DryRun && asked.DryRun);
        Assert.Equal(ChangeState.Requested, plan.State);
        Assert.Equal(2, plan.Rules.Select(rule => rule.HostRole).Distinct().Count());
        Assert.Equal(plan.Rules.Select(rule => rule.RuleId), asked.Rules.Select(rule => rule.RuleId));
        Assert.Empty(_host.Console.Store.ListChanges());
        Assert.Empty(_host.Console.Store.ListEvents(10));
    }

    [Fact]
    public async Task The_consoles_port_stays_open_for_another_engine()
    {
        EngineRecord engine = _host.AddPaired("lab", CommunicationDirection.EngineToConsole, observed: "192.0.2.9");
        _host.AddPaired("other", CommunicationDirection.EngineToConsole, observed: "192.0.2.9");

        FirewallPlan plan = _host.Console.Direction.Plan(
            engine.PairingId, Request(CommunicationDirection.ConsoleToEngine));

        Assert.Contains(plan.Rules, rule => rule is { HostRole: NodeRole.Console, LocalPort: 40815 }
            && rule.Change == RuleChange.Keep && rule.Reason.Contains("other", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Addresses_that_nobody_knows_are_asked_for()
    {
        EngineRecord reverse = _host.AddPaired("reverse", CommunicationDirection.EngineToConsole);
        EngineRecord standard = _host.AddPaired("standard", CommunicationDirection.ConsoleToEngine, "192.0.2.9");

        Assert.Equal(FaultCode.AddressRequired, await FaultAsync(
            reverse, new DirectionChangeRequest { Direction = CommunicationDirection.ConsoleToEngine }));
        Assert.Equal(FaultCode.ConsoleAddressRequired, await FaultAsync(
            standard, new DirectionChangeRequest { Direction = CommunicationDirection.EngineToConsole }));
        Assert.Equal(FaultCode.AddressInvalid, await FaultAsync(
            standard, Request(CommunicationDirection.EngineToConsole) with { ConsoleAddress = "a b" }));
        Assert.Equal(FaultCode.PortInvalid, await FaultAsync(
            standard, Request(CommunicationDirection.EngineToConsole) with { ConsolePort = 0 }));
        Assert.Equal(FaultCode.OptionInvalid, await FaultAsync(
            standard, Request(CommunicationDirection.EngineToConsole) with { Timeout = TimeSpan.Zero }));
        Assert.Empty(_host.Console.Store.ListChanges());
    }

    [Theory]
    [InlineData("0.0.0.0:40999", null)]
    [InlineData("[::]:40999", null)]
    [InlineData("192.0.2.77:40999", "192.0.2.77")]
    public void The_console_is_known_where_it_is_bound_or_advertised(string endPoint, string? address)
    {
        EngineRecord engine = _host.AddPaired("lab", CommunicationDirection.ConsoleToEngine, "192.0.2.9");
        _host.Console.Store.SetNode(AdminHost.Node(endPoint));
        var request = new DirectionChangeRequest { Direction = CommunicationDirection.EngineToConsole };

        DirectionAddresses known = DirectionAddresses.Of(_host.Console.Store, engine, request);
        Assert.Equal((address, 40999), (known.Console, known.ConsolePort));

        _host.Console.Store.SetSetting("advertised.address", "console.example");
        Assert.Equal("console.example", DirectionAddresses.Of(_host.Console.Store, engine, request).Console);
    }

    [Fact]
    public async Task Without_a_running_console_nothing_is_written()
    {
        EngineRecord engine = _host.AddPaired("lab", CommunicationDirection.ConsoleToEngine, "192.0.2.9");
        _running.Dispose();

        Assert.Equal(
            FaultCode.ConsoleNotRunning, await FaultAsync(engine, Request(CommunicationDirection.EngineToConsole)));
        Assert.Empty(_host.Console.Store.ListChanges());
    }

    [Fact]
    public async Task A_console_that_ends_during_the_change_is_said_and_the_row_stays()
    {
        EngineRecord engine = _host.AddPaired("lab", CommunicationDirection.ConsoleToEngine, "192.0.2.9");

        Assert.Equal(FaultCode.ConsoleNotRunning, await FaultAsync(
            engine, Request(CommunicationDirection.EngineToConsole), _ => _running.Dispose()));
        Assert.Equal(ChangeState.Requested, Assert.Single(_host.Console.Store.ListChanges()).State);
    }

    [Fact]
    public async Task A_change_that_was_rolled_back_fails_with_its_cause()
    {
        EngineRecord engine = _host.AddPaired("lab", CommunicationDirection.ConsoleToEngine, "192.0.2.9");
        using IConsoleStore console = _host.OpenConsole();

        ScanEngineException fault = await Assert.ThrowsAsync<ScanEngineException>(
            () => _host.Console.Direction.ChangeAsync(
                engine.PairingId,
                Request(CommunicationDirection.EngineToConsole),
                now => Set(console, now, change => change with
                {
                    State = ChangeState.RolledBack,
                    Fault = FaultCode.ConnectTimedOut,
                    Detail = "no answer at 192.0.2.1:40815",
                }),
                CancellationToken.None).WaitAsync(AdminHost.Bound));

        Assert.Equal((FaultCode.ChangeFailed, "lab"), (fault.Code, fault.Target));
        Assert.Contains("ConnectTimedOut", fault.Message, StringComparison.Ordinal);
        Assert.Contains("no answer at 192.0.2.1:40815", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_change_waits_for_the_first_to_be_settled()
    {
        EngineRecord engine = _host.AddPaired("lab", CommunicationDirection.ConsoleToEngine, "192.0.2.9");
        using var stop = new CancellationTokenSource();

        // Whoever stops watching leaves the change to the console.
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _host.Console.Direction.ChangeAsync(
            engine.PairingId, Request(CommunicationDirection.EngineToConsole), _ => stop.Cancel(), stop.Token));

        Assert.Equal(ChangeState.Requested, Assert.Single(_host.Console.Store.ListChanges()).State);
        Assert.Equal(
            FaultCode.ChangeInProgress, await FaultAsync(engine, Request(CommunicationDirection.EngineToConsole)));
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task A_change_that_the_engine_has_not_acknowledged_in_time_holds_and_says_so()
    {
        EngineRecord engine = _host.AddPaired("lab", CommunicationDirection.ConsoleToEngine, "192.0.2.9");
        using IConsoleStore console = _host.OpenConsole();
        ChangeRecord? last = null;

        FirewallPlan plan = await _host.Console.Direction.ChangeAsync(
            engine.PairingId,
            Request(CommunicationDirection.EngineToConsole) with { Timeout = TimeSpan.FromSeconds(1) },
            now =>
            {
                last = now;
                Set(console, now, change => change with { State = ChangeState.Committed });
            },
            CancellationToken.None).WaitAsync(AdminHost.Bound);

        Assert.Equal(ChangeState.Committed, plan.State);
        Assert.Null(last!.Acknowledged);
        Assert.Contains("not acknowledged", last.Detail, StringComparison.Ordinal);
    }

    private static DirectionChangeRequest Request(CommunicationDirection direction) => new()
    {
        Direction = direction,
        ConsoleAddress = "192.0.2.1",
    };

    private static CommunicationDirection Opposite(CommunicationDirection direction) =>
        direction == CommunicationDirection.ConsoleToEngine
            ? CommunicationDirection.EngineToConsole
            : CommunicationDirection.ConsoleToEngine;

    private static void Go(IConsoleStore console, ChangeRecord now, List<ChangeState> seen)
    {
        seen.Add(now.State);
        Set(console, now, change => change.State switch
        {
            ChangeState.Requested => change with { State = ChangeState.Preparing },
            ChangeState.Preparing => change with { State = ChangeState.Committed },
            _ => change with { Acknowledged = DateTimeOffset.UnixEpoch },
        });
    }

    private static void Set(IConsoleStore console, ChangeRecord now, Func<ChangeRecord, ChangeRecord> change) =>
        console.UpdateChange(now.ChangeId, (current, engine) => (change(current), engine));

    private async Task<FaultCode> FaultAsync(
        EngineRecord engine, DirectionChangeRequest request, Action<ChangeRecord>? progress = null) =>
        (await Assert.ThrowsAsync<ScanEngineException>(() => _host.Console.Direction.ChangeAsync(
            engine.PairingId, request, progress, CancellationToken.None).WaitAsync(AdminHost.Bound))).Code;
}
