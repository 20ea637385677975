using ScanEngineAdmin.Core.Applier;
using ScanEngineAdmin.Core.Tests.Admin;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Core.Tests.Firewall.Applying;

/// <summary>What a node's store says of a plan decides whether anything may be closed for it.</summary>
public sealed class PlanStateReaderTests : IDisposable
{
    private const CommunicationDirection Standard = CommunicationDirection.ConsoleToEngine;
    private const CommunicationDirection Reverse = CommunicationDirection.EngineToConsole;

    private readonly AdminHost _host = new();
    private readonly EngineRecord _engine;

    public PlanStateReaderTests() => _engine = _host.AddPaired("lab-1", Standard, "192.0.2.10");

    public void Dispose() => _host.Dispose();

    [Fact]
    public void A_dry_run_of_a_known_engine_has_its_epoch_and_no_change() => Assert.Equal(
        new FirewallPlanState(6, null, false),
        PlanStateReader.OnConsole(_host.Console.Store, Plan(Guid.Empty) with { DryRun = true }));

    [Fact]
    public void A_plan_that_moves_a_port_is_told_where_the_engine_is_dialled_now()
    {
        FirewallPlan moves = Plan(Guid.Empty) with { To = Standard };

        Assert.Equal(_engine.Port, Ask(moves)?.Port);
        Assert.Null(Ask(Plan(Guid.Empty))?.Port);
        _host.Console.Store.AddChange(Change(Standard, Reverse, 7, ChangeState.Proving, null));
        Assert.Null(Ask(moves)?.Port);
    }

    [Fact]
    public void An_engine_that_the_console_does_not_know_says_nothing() => Assert.Null(PlanStateReader.OnConsole(
        _host.Console.Store, Plan(Guid.Empty) with { PairingId = Guid.NewGuid() }));

    [Fact]
    public void A_plan_without_its_pairing_is_found_by_its_change_and_by_its_name()
    {
        Guid change = Decided(acknowledged: true);

        Assert.True(Ask(Plan(change) with { PairingId = Guid.Empty, EngineName = "another" })?.Acknowledged);
        Assert.Equal(7, Ask(Plan(Guid.Empty) with { PairingId = Guid.Empty, EngineName = "LAB-1" })?.Epoch);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_committed_change_is_acknowledged_when_the_engine_has_heard_of_it(bool acknowledged) =>
        Assert.Equal(
            new FirewallPlanState(7, ChangeState.Committed, acknowledged),
            Ask(Plan(Decided(acknowledged))));

    [Fact]
    public void While_another_change_is_open_nothing_counts_as_acknowledged()
    {
        Guid first = Decided(acknowledged: true);
        _host.Console.Store.AddChange(Change(Reverse, Standard, 8, ChangeState.Proving, null));

        FirewallPlanState? state = Ask(Plan(first));

        Assert.Equal(new FirewallPlanState(7, ChangeState.Committed, false), state);
    }

    [Fact]
    public void A_plan_that_says_another_direction_than_its_change_belongs_to_none()
    {
        Guid change = Decided(acknowledged: true);

        Assert.Null(Ask(Plan(change) with { From = Reverse, To = Standard })?.State);
    }

    [Fact]
    public void An_engine_says_committed_when_the_plans_epoch_is_in_force_there()
    {
        ConsoleRecord console = AddConsole(Reverse, 7);

        Assert.Equal(new FirewallPlanState(7, ChangeState.Committed, true), AskEngine(console));
    }

    [Fact]
    public void An_engine_that_went_back_says_so()
    {
        ConsoleRecord console = AddConsole(Standard, 7);

        Assert.Equal(new FirewallPlanState(7, ChangeState.RolledBack, false), AskEngine(console));
    }

    [Fact]
    public void An_engine_that_has_not_heard_of_the_epoch_knows_nothing_of_it()
    {
        ConsoleRecord console = AddConsole(Standard, 6);

        Assert.Equal(new FirewallPlanState(6, null, false), AskEngine(console));
    }

    [Fact]
    public void An_engine_in_doubt_closes_nothing()
    {
        Guid change = Guid.NewGuid();
        ConsoleRecord console = AddConsole(Reverse, 7, change);

        Assert.Equal(new FirewallPlanState(7, ChangeState.Proving, false), AskEngine(console, change));
        Assert.Equal(new FirewallPlanState(7, null, false), AskEngine(console, Guid.NewGuid()));
    }

    [Fact]
    public void Two_consoles_that_call_the_engine_the_same_are_not_told_apart_by_name()
    {
        AddConsole(Reverse, 7);
        AddConsole(Reverse, 7);

        Assert.Null(PlanStateReader.OnEngine(
            _host.Engine.Store, Plan(Guid.NewGuid()) with { PairingId = Guid.Empty }));
    }

    private FirewallPlanState? Ask(FirewallPlan plan) => PlanStateReader.OnConsole(_host.Console.Store, plan);

    private FirewallPlanState? AskEngine(ConsoleRecord console, Guid? change = null) => PlanStateReader.OnEngine(
        _host.Engine.Store, Plan(change ?? Guid.NewGuid()) with { PairingId = console.PairingId });

    private FirewallPlan Plan(Guid change) => new()
    {
        ChangeId = change,
        PairingId = _engine.PairingId,
        EngineName = "lab-1",
        From = Standard,
        To = Reverse,
        Epoch = 7,
        DryRun = false,
        State = ChangeState.Committed,
        Rules = [],
    };

    private Guid Decided(bool acknowledged)
    {
        ChangeRecord change = Change(Standard, Reverse, 7, ChangeState.Requested, null);
        _host.Console.Store.AddChange(change);
        _host.Console.Store.UpdateChange(change.ChangeId, (c, e) => (
            c with
            {
                State = ChangeState.Committed,
                Decided = DateTimeOffset.UnixEpoch,
                Acknowledged = acknowledged ? DateTimeOffset.UnixEpoch : null,
            },
            e with { Direction = Reverse, Epoch = 7 }));
        return change.ChangeId;
    }

    private ChangeRecord Change(
        CommunicationDirection from, CommunicationDirection to, long epoch, ChangeState state, DateTimeOffset? heard) =>
        new()
        {
            ChangeId = Guid.NewGuid(),
            PairingId = _engine.PairingId,
            From = from,
            Direction = to,
            Epoch = epoch,
            State = state,
            Acknowledged = heard,
            Timeout = TimeSpan.FromSeconds(60),
            Requested = DateTimeOffset.UnixEpoch,
            RequestedBy = "admin@test",
        };

    private ConsoleRecord AddConsole(CommunicationDirection direction, long epoch, Guid? doubt = null)
    {
        var console = new ConsoleRecord
        {
            PairingId = Guid.NewGuid(),
            ConsoleId = Guid.NewGuid(),
            EngineName = "lab-1",
            State = ConsoleState.Paired,
            Direction = direction,
            Epoch = epoch,
            Pins = [AdminHost.Key(Guid.NewGuid().ToString())],
            ChangeId = doubt,
            ChangeTo = doubt is null ? null : Standard,
            ChangeEpoch = doubt is null ? null : epoch + 1,
            FirstSeen = DateTimeOffset.UnixEpoch,
        };
        _host.Engine.Store.AddConsole(console);
        return console;
    }
}
