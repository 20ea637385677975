using ScanEngineAdmin.Firewall.Applying;
using ScanEngineAdmin.Firewall.Providers.Firewalld;
using ScanEngineAdmin.Firewall.Providers.Ufw;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Core.Tests.Firewall.Applying;

/// <summary>As few calls as do the same.</summary>
public sealed class JoinedCallsTests
{
    private static readonly FirewalldWriter Writer = new([]);
    private static readonly FirewallRule Rule = Wanted.Rule(
        40815, peers: ["203.0.113.7", "203.0.113.8", "203.0.113.9"]);

    [Fact]
    public void Many_rich_rules_are_opened_by_two_calls_and_kept_by_three()
    {
        FirewallRule other = Wanted.Rule(40816, family: RuleFamily.IPv6, peers: "2001:db8::7");
        FirewallRule[] both = [Rule, other];

        ToolCall[] open = [.. JoinedCalls.Of(both.SelectMany(r => Writer.OpenCalls(r, "x")))];
        ToolCall[] keep = [.. JoinedCalls.Of(both.SelectMany(Writer.KeepCalls))];

        Assert.Equal(2, open.Length);
        Assert.Equal([4, 5], open.Select(static c => c.Arguments.Count));
        Assert.Equal("--permanent", open[1].Arguments[0]);
        Assert.Equal(
            ["--permanent", "--remove-rich-rule", "--add-rich-rule"],
            keep.Select(static c => c.Arguments[0].Split('=')[0]));
    }

    [Fact]
    public void What_is_set_anew_is_taken_away_before_it_is_added_whatever_stands_before()
    {
        FirewallRule one = Rule with { RemoteAddress = ["203.0.113.7"] };
        FirewallRule two = Rule with { RemoteAddress = ["203.0.113.8"] };
        TimeSpan time = TimeSpan.FromSeconds(60);

        string[] said = [.. JoinedCalls.Of(
            [.. Writer.TrialCalls(one, time), .. Writer.EndTrialCalls(two), .. Writer.TrialCalls(two, time)])
            .SelectMany(static c => c.Arguments)
            .Where(static a => a.Contains("203.0.113.8", StringComparison.Ordinal))];

        Assert.StartsWith("--remove", said[0], StringComparison.Ordinal);
        Assert.StartsWith("--add", said[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Direct_rules_and_other_tools_stay_one_call_each()
    {
        FirewallRule outbound = Rule with { Flow = RuleFlow.Out };

        Assert.Equal(6, JoinedCalls.Of(Writer.OpenCalls(outbound, "x")).Count);
        Assert.Equal(3, JoinedCalls.Of(new UfwWriter().OpenCalls(Rule, "x")).Count);
    }
}
