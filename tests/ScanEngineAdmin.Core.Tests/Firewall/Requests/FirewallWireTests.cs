using System.Text;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Console;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Firewall;

namespace ScanEngineAdmin.Core.Tests.Firewall.Requests;

/// <summary>What of the appliers crosses the wire, also with an engine of a version that knows none.</summary>
public sealed class FirewallWireTests
{
    [Fact]
    public void An_engine_that_says_nothing_of_appliers_gets_the_message_it_knows()
    {
        HelloFacts old = Facts(null);

        Assert.Null(ChangeFirewall.Ask(Change(apply: true), old));
        Assert.DoesNotContain("firewall", Sent(old), StringComparison.OrdinalIgnoreCase);
        FirewallReport? report = ChangeFirewall.Report(Change(apply: true), new DirectionPrepared(), old);
        Assert.Null(report!.State);
        Assert.Contains("its admin's to apply", report.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_engine_that_knows_of_them_is_asked_for_a_change_that_wants_it_only(bool runs)
    {
        HelloFacts engine = Facts(runs);

        Assert.Equal(runs, engine.ApplierRuns);
        Assert.Null(ChangeFirewall.Ask(Change(apply: false), engine));
        Assert.Null(ChangeFirewall.Report(Change(apply: false), new DirectionPrepared(), engine));
        PrepareFirewall asked = ChangeFirewall.Ask(Change(apply: true), engine)!;
        Assert.Equal((60 + 120, 20), (asked.LifetimeSeconds, asked.PatienceSeconds));
        Assert.Equal(asked, WireJson.Read<DirectionPrepare>(Encoding.UTF8.GetBytes(Sent(engine))).Firewall);
    }

    [Fact]
    public void Of_an_answer_only_what_is_understood_is_kept()
    {
        const string Answer = """
            {"firewall":{"state":"Enchanted","detail":"so","rules":[
            {"ruleId":"sea-0123456789ab","change":"Add","outcome":"Applied"},
            {"ruleId":"reboot","change":"Add","outcome":"Applied"},
            {"ruleId":"sea-0123456789ab","change":"Turn","outcome":"Applied"},
            {"ruleId":"sea-0123456789ab","change":"Add"}]}}
            """;

        FirewallReport report = WireJson.Read<DirectionPrepared>(Encoding.UTF8.GetBytes(Answer)).Firewall!.ToReport();

        Assert.Equal((null, "so"), (report.State, report.Detail));
        FirewallRequestRule rule = Assert.Single(report.Rules);
        Assert.Equal(("sea-0123456789ab", FirewallApplyOutcome.Applied), (rule.RuleId, rule.Outcome));
    }

    private static HelloFacts Facts(bool? runs) => HelloFacts.From(new PeerHello
    {
        Role = NodeRole.Engine,
        NodeId = Guid.NewGuid(),
        Name = "lab-1",
        Product = "1.0",
        BootId = Guid.NewGuid(),
        Properties = new HelloFacts { ApplierRuns = runs }.ToProperties(),
    });

    private static string Sent(HelloFacts engine) => Encoding.UTF8.GetString(WireJson.Write(new DirectionPrepare
    {
        ChangeId = Guid.NewGuid(),
        Epoch = 1,
        To = CommunicationDirection.EngineToConsole,
        Firewall = ChangeFirewall.Ask(Change(apply: true), engine),
    }));

    private static ChangeRecord Change(bool apply) => new()
    {
        ChangeId = Guid.NewGuid(),
        PairingId = Guid.NewGuid(),
        From = CommunicationDirection.ConsoleToEngine,
        Direction = CommunicationDirection.EngineToConsole,
        Epoch = 1,
        State = ChangeState.Requested,
        Timeout = TimeSpan.FromSeconds(60),
        Requested = DateTimeOffset.UnixEpoch,
        RequestedBy = "admin@test",
        ApplyFirewall = apply,
    };
}
