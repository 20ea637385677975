using ScanEngineAdmin.Core.Applier;
using ScanEngineAdmin.Core.Tests.Admin;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Firewall.Planning;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Core.Tests.Firewall.Applying;

/// <summary>What a host's filter has to let through, read from the stores of its nodes.</summary>
public sealed class FirewallPairingsTests : IDisposable
{
    private const CommunicationDirection Standard = CommunicationDirection.ConsoleToEngine;
    private const CommunicationDirection Reverse = CommunicationDirection.EngineToConsole;

    private readonly AdminHost _host = new();

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task A_consoles_engine_is_known_by_the_address_it_was_seen_at()
    {
        _host.AddPaired("lab-1", Reverse, "198.51.100.7", "192.0.2.10");

        FirewallNeighbour one = Assert.Single(
            await FirewallPairings.OfConsoleAsync(_host.Console.Store, CancellationToken.None));

        Assert.Equal(("lab-1", Reverse, WellKnownPorts.Console), (one.Name, one.Direction, one.Port));
        Assert.Equal("192.0.2.10", Assert.Single(one.Addresses).ToString());
    }

    [Fact]
    public async Task An_engine_in_the_middle_of_a_change_needs_both_ways()
    {
        EngineRecord engine = _host.AddPaired("lab-1", Standard, "192.0.2.10");
        _host.Console.Store.AddChange(Change(engine, Reverse));

        IReadOnlyList<FirewallNeighbour> found =
            await FirewallPairings.OfConsoleAsync(_host.Console.Store, CancellationToken.None);

        Assert.Equal([Standard, Reverse], found.Select(n => n.Direction).Order());
    }

    [Fact]
    public async Task An_engine_that_is_to_be_dialled_elsewhere_needs_both_places_until_that_is_settled()
    {
        EngineRecord engine = _host.AddPaired("lab-1", Standard, "192.0.2.10");
        _host.Console.Store.AddChange(Change(engine, Standard) with { Address = "192.0.2.77", Port = 41001 });

        IReadOnlyList<FirewallNeighbour> found =
            await FirewallPairings.OfConsoleAsync(_host.Console.Store, CancellationToken.None);

        Assert.Equal(
            [(engine.Port, "192.0.2.10"), (41001, "192.0.2.77")],
            found.Select(n => (n.Port, Assert.Single(n.Addresses).ToString())));
    }

    [Fact]
    public async Task An_engine_needs_its_own_port_for_the_consoles_that_dial_it_and_none_for_a_denied_one()
    {
        _host.Engine.Store.SetNode(AdminHost.Node("0.0.0.0:41000"));
        AddConsole("lab-1", Standard, ConsoleState.Paired);
        AddConsole("lab-9", Standard, ConsoleState.Denied);

        FirewallNeighbour one = Assert.Single(
            await FirewallPairings.OfEngineAsync(_host.Engine.Store, CancellationToken.None));

        Assert.Equal(("lab-1", 41000), (one.Name, one.Port));
    }

    [Fact]
    public async Task An_engine_in_doubt_needs_both_ways_with_the_port_of_each()
    {
        _host.Engine.Store.SetNode(AdminHost.Node("0.0.0.0:41000"));
        AddConsole("lab-1", Standard, ConsoleState.Paired, Guid.NewGuid());

        IReadOnlyList<FirewallNeighbour> found =
            await FirewallPairings.OfEngineAsync(_host.Engine.Store, CancellationToken.None);

        Assert.Equal([(Standard, 41000), (Reverse, 40999)], found.Select(n => (n.Direction, n.Port)));
    }

    [Theory]
    [InlineData(RuleChange.Remove)]
    [InlineData(RuleChange.Add)]
    public void What_another_pairing_needs_now_is_kept_under_the_id_of_what_would_take_it(RuleChange change)
    {
        FirewallRule remove = Sample.Rule(peers: "192.0.2.10") with { Change = change };
        FirewallRule other = Sample.Rule(peers: "192.0.2.11") with { RuleId = "sea-ffffffffffff" };
        FirewallRule elsewhere = other with { RuleId = "sea-eeeeeeeeeeee", LocalPort = 1 };
        FirewallPlan plan = FirewallPlanner.Plan(Sample.ToReverse()) with { Rules = [remove] };

        FirewallPlan guarded = FirewallPairings.Guard(plan, [remove, other, elsewhere]);

        Assert.Equal(2, guarded.Rules.Count);
        FirewallRule kept = guarded.Rules[1];
        Assert.Equal((remove.RuleId, RuleChange.Keep), (kept.RuleId, kept.Change));
        Assert.Equal(["192.0.2.11"], kept.RemoteAddress);
    }

    private static ChangeRecord Change(EngineRecord engine, CommunicationDirection to) => new()
    {
        ChangeId = Guid.NewGuid(),
        PairingId = engine.PairingId,
        From = Standard,
        Direction = to,
        Epoch = 7,
        State = ChangeState.Proving,
        Timeout = TimeSpan.FromSeconds(60),
        Requested = DateTimeOffset.UnixEpoch,
        RequestedBy = "admin@test",
    };

    private void AddConsole(
        string name, CommunicationDirection direction, ConsoleState state, Guid? doubt = null) =>
        _host.Engine.Store.AddConsole(new ConsoleRecord
        {
            PairingId = Guid.NewGuid(),
            ConsoleId = Guid.NewGuid(),
            EngineName = name,
            State = state,
            Direction = direction,
            Epoch = 6,
            Pins = [AdminHost.Key(name)],
            ObservedAddress = "192.0.2.1",
            ChangeId = doubt,
            ChangeTo = doubt is null ? null : Reverse,
            ChangeEpoch = doubt is null ? null : 7,
            ChangeAddress = doubt is null ? null : "192.0.2.1",
            ChangePort = doubt is null ? null : 40999,
            FirstSeen = DateTimeOffset.UnixEpoch,
        });
}
