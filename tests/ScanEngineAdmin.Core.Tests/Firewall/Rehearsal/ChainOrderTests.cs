using ScanEngineAdmin.Faults.Rulesets;
using ScanEngineAdmin.Firewall.Rehearsal;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Firewall.Tools;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Firewall.Rehearsal;

/// <summary>
/// Which of two chains of one hook and one priority is run first no listing says: where that decides, no answer is
/// definite; where it does not, the order changes nothing of the answer.
/// </summary>
[Trait("Speed", "Slow")]
public sealed class ChainOrderTests
{
    private const string Sets = "nft 'add table inet s; add chain inet s c { type filter hook input priority 0; }; "
        + "add rule inet s c ct mark set 1'";

    private const string Reads = "nft 'add table inet r; add chain inet r c { type filter hook input priority 0; }; "
        + "add rule inet r c ct mark 1 ct state new drop'";

    private const string Early = "nft 'add table inet r; add chain inet r c { type filter hook input priority -1; }; "
        + "add rule inet r c ct mark 1 ct state new drop'";

    private const string Late = "nft 'add table inet r; add chain inet r c { type filter hook input priority 1; }; "
        + "add rule inet r c ct mark 1 ct state new drop'";

    private const string SetsLegacy = "iptables-legacy -A INPUT -j CONNMARK --set-mark 1";
    private const string ReadsLegacy = "iptables-legacy -A INPUT -m connmark --mark 1 -m conntrack --ctstate NEW -j DROP";

    private const string Marks = "nft 'add table ip m; add chain ip m c { type filter hook prerouting priority mangle; }; "
        + "add rule ip m c meta mark set 1'";

    private const string Keeps = "iptables-nft -t mangle -A PREROUTING -m mark --mark 1 -j DROP";

    private const string Nat = "nft 'add table ip a; add chain ip a c { type nat hook prerouting priority -100; }; "
        + "add rule ip a c tcp dport 40814 redirect to :22'";

    private const string Other = "nft 'add table ip b; add chain ip b c { type nat hook prerouting priority -100; }; "
        + "add rule ip b c tcp dport 40814 drop'";

    [Theory, NeedsNamespace("iptables-legacy", "iptables-nft", "ipset", "nsenter", "timeout")]
    [InlineData(Sets, Reads, true, "inet s c and inet r c")]
    [InlineData(Reads, Sets, false, "inet r c and inet s c")]
    [InlineData(SetsLegacy, Reads, true, "inet r c and iptables-legacy -t filter INPUT")]
    [InlineData(Reads, SetsLegacy, false, "inet r c and iptables-legacy -t filter INPUT")]
    [InlineData(ReadsLegacy, Sets, false, "inet s c and iptables-legacy -t filter INPUT")]
    [InlineData(Sets, ReadsLegacy, true, "inet s c and iptables-legacy -t filter INPUT")]
    [InlineData(Marks, Keeps, true, "ip m c and iptables-nft -t mangle PREROUTING")]
    [InlineData(Keeps, Marks, false, "ip m c and iptables-nft -t mangle PREROUTING")]
    [InlineData(Nat, Other, false, "ip a c and ip b c")]
    [InlineData(Other, Nat, true, "ip b c and ip a c")]
    public async Task What_depends_on_the_order_is_not_known(string first, string second, bool open, string chains)
    {
        using RulesetHost host = await LoadAsync(first, second);

        RehearsalAnswer answer = await AskAsync(host);

        Assert.True(answer.Verdict == RehearsalVerdict.Unknown, $"{answer.Verdict}: {answer.Reason}");
        Assert.Contains(chains, answer.Reason, StringComparison.Ordinal);
        Assert.Equal([open], await host.TryAsync([new Question(RuleFlow.In, RulesetHost.Peers[0], 40814)], open));
    }

    [Theory, NeedsNamespace("iptables-legacy", "iptables-nft", "ipset", "nsenter", "timeout")]
    [InlineData(Sets, Early, true)]
    [InlineData(Sets, Late, false)]
    [InlineData(Sets, "iptables-legacy -P INPUT DROP", false)]
    [InlineData(Sets, "iptables-legacy -A INPUT -m connmark --mark 2 -j DROP", true)]
    [InlineData(ReadsLegacy, Marks, true)]
    [InlineData(Nat, "iptables-nft -t nat -A PREROUTING -p tcp --dport 22 -j REDIRECT --to-ports 8080", true)]
    public async Task What_is_the_same_in_each_order_is_answered(string first, string second, bool open)
    {
        foreach ((string one, string other) in ((string, string)[])[(first, second), (second, first)])
        {
            using RulesetHost host = await LoadAsync(one, other);

            RehearsalAnswer answer = await AskAsync(host);

            Assert.True(
                answer.Verdict == (open ? RehearsalVerdict.Open : RehearsalVerdict.Dropped),
                $"{answer.Verdict}: {answer.Reason}");
            Assert.Equal([open], await host.TryAsync([new Question(RuleFlow.In, RulesetHost.Peers[0], 40814)], open));
        }
    }

    [Theory]
    [InlineData("", "tcp dport 22 accept", 1)]
    [InlineData("meta mark set 0x1", "tcp dport 22 accept", 1)]
    [InlineData("meta mark set 0x1", "meta mark 0x1 drop", 2)]
    [InlineData("ct zone set 7", "tcp dport 22 accept", 2)]
    public void Only_what_another_table_can_notice_makes_another_copy(string one, string other, int copies)
    {
        Assert.Equal(copies, ChainOrders.Of(Filter(Table("a", one) + Table("b", other))).Each.Count);
        Assert.Equal(copies, ChainOrders.Of(Filter(Table("b", other) + Table("a", one))).Each.Count);
        Assert.Single(ChainOrders.Of(Filter(Table("a", one) + Table("b", other, "filter + 1"))).Each);
    }

    [Fact]
    public void Each_order_of_three_tables_is_a_copy_and_more_than_eight_orders_are_none()
    {
        string three = string.Concat("abc".Select(static t => Table($"{t}", "ct zone set 7")));
        Assert.Equal(6, ChainOrders.Of(Filter(three)).Each.Count);

        ChainOrders four = ChainOrders.Of(Filter(three + Table("d", "accept")));
        Assert.Single(four.Each);
        Assert.True(four.AreTooMany);
        Assert.Equal("inet a c and inet b c", four.Chains(v4: true));
    }

    private static HostFilter Filter(string native) => new(native, [], string.Empty, []);

    private static string Table(string name, string rule, string priority = "filter") =>
        $"table inet {name} {{\n\tchain c {{\n\t\ttype filter hook input priority {priority}; policy accept;\n"
        + $"\t\t{rule}\n\t}}\n}}\n";

    private static async Task<RulesetHost> LoadAsync(params string[] lines)
    {
        var host = new RulesetHost { Patience = SharedRulesetHost.Patience };
        foreach (string line in lines)
        {
            ToolResult loaded = await host.RunAsync("sh", ["-ec", line], CancellationToken.None);
            Assert.True(loaded.Succeeded, loaded.Output);
        }

        return host;
    }

    private static async Task<RehearsalAnswer> AskAsync(RulesetHost host)
    {
        await using FilterRehearsal rehearsal = await FilterRehearsal.OpenAsync(
            host.RunAsync, [RulesetHost.Peers[0]], SocketUser.OfThisProcess, CancellationToken.None);
        return await rehearsal.AskInAsync(RulesetHost.Peers[0], 40814, CancellationToken.None);
    }
}
