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

    // Where the kernel has its own hooks for what rules ask of connections and for addresses that rules translate.
    private const string Asks = "nft 'add table inet g; add chain inet g c { type filter hook input priority 0; }; "
        + "add rule inet g c ct state new counter'";

    private const string Tracked = "nft 'add table inet f; add chain inet f c { type filter hook prerouting priority "
        + "-200; }; add rule inet f c ct state invalid drop'";

    private const string Led = "nft 'add table ip a; add chain ip a c { type nat hook prerouting priority -100; }; "
        + "add rule ip a c tcp dport 40814 redirect to :8080'";

    private const string Translated = "nft 'add table ip f; add chain ip f c { type filter hook prerouting priority "
        + "-100; }; add rule ip f c tcp dport 40814 drop'";

    // Neither order of the two tables as a whole denies it; that of their chains does.
    private const string Crossed = "nft 'add table inet a; add table inet b; "
        + "add chain inet b pre { type filter hook prerouting priority 0; }; "
        + "add chain inet a pre { type filter hook prerouting priority 0; }; "
        + "add chain inet a in { type filter hook input priority 0; }; "
        + "add chain inet b in { type filter hook input priority 0; }; "
        + "add rule inet a pre meta mark set 1; add rule inet b pre meta mark 1 ct mark set 2; "
        + "add rule inet b in ct mark 2 meta mark set 5; add rule inet a in meta mark 5 drop'";

    [Theory, NeedsNamespace("iptables-legacy", "iptables-nft", "ipset", "nsenter", "timeout")]
    [InlineData(Asks, Tracked, false, "inet f c and the kernel's tracking of connections")]
    [InlineData(Tracked, Asks, true, "inet f c and the kernel's tracking of connections")]
    [InlineData(Led, Translated, false, "ip f c and the kernel's translation of addresses")]
    [InlineData(Translated, Led, true, "ip f c and the kernel's translation of addresses")]
    [InlineData(Crossed, "true", false, "inet a pre and inet b pre")]
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
    [InlineData("", "ct zone set 7", 1)]
    [InlineData("ct state established accept", "tcp dport { 22, 80 } ip6 saddr fd00::1 reject with tcp reset", 1)]
    [InlineData("iifname \"eth*\" jump set", "log prefix \"notrack \" comment \"ct zone set 7\"", 1)]
    [InlineData("meta mark set 0x1", "tcp dport 22 accept", 1)]
    [InlineData("meta mark set 0x1", "meta mark 0x1 drop", 2)]
    [InlineData("meta mark set 0x1", "ct mark set 0x1", 2)]
    [InlineData("ct zone set 7", "tcp dport 22 accept", 2)]
    [InlineData("notrack", "tcp dport 22 accept", 2)]
    [InlineData("log prefix \"a\\\" ct zone set 7 comment \"b\"", "tcp dport 22 accept", 2)]
    [InlineData("tcp dport 22 frobnicate", "tcp dport 22 accept", 2)]
    public void Only_rules_that_are_known_to_decide_and_no_more_make_no_other_copy(string one, string other, int copies)
    {
        Assert.Equal(copies, ChainOrders.Of(Filter(Table("a", one) + Table("b", other))).Each.Count);
        Assert.Equal(copies, ChainOrders.Of(Filter(Table("b", other) + Table("a", one))).Each.Count);
        Assert.Single(ChainOrders.Of(Filter(Table("a", one) + Table("b", other, "filter + 1"))).Each);
    }

    [Theory]
    [InlineData("-s 10.0.0.0/8 -m comment --comment \"say \\\"-j CT\\\"\" -j own", 1)]
    [InlineData("-m conntrack --ctstate NEW -j LOG --log-prefix \"-j CT \"", 1)]
    [InlineData("-m comment --comment \"say \\\" -j CT -m recent\\\"\" -j own", 1)]
    [InlineData("-j LOG --log-prefix \"log -j CT \"", 1)]
    [InlineData("-j MARK --set-xmark 0x1/0xffffffff", 1)]
    [InlineData("-m mark --mark 0x1 -j DROP", 2)]
    [InlineData("-m recent --set --name a --rsource", 2)]
    [InlineData("-j CT --zone 7", 2)]
    [InlineData("-m comment --comment -j -j CT", 2)]
    public void The_same_holds_for_rules_of_iptables(string rule, int copies)
    {
        string saved = $"*filter\n:INPUT ACCEPT [0:0]\n:own - [0:0]\n-A INPUT {rule}\nCOMMIT\n";
        string native = Table("a", copies == 1 ? "tcp dport 22 accept" : "meta mark set 0x1");

        Assert.Equal(copies, ChainOrders.Of(
            Filter(native) with { Saved = [new SavedTables("ip", "iptables-nft", saved)] }).Each.Count);
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

    [Fact]
    public void A_table_s_own_chains_keep_their_order()
    {
        string two = Table("a", "ct zone set 7").Replace(
            "\t}\n}\n", "\t}\n" + Table("a", "accept").Split('\n', 2)[1].Replace("chain c", "chain d",
                StringComparison.Ordinal), StringComparison.Ordinal);

        string[] orders = [.. ChainOrders.Of(Filter(two + Table("b", "accept"))).Each.Select(
            static o => string.Join(',', o.Select(static e => e.Name["nft inet ".Length..])))];

        Assert.Equivalent(new[] { "a c,a d,b c", "a c,b c,a d", "b c,a c,a d" }, orders, strict: true);
    }

    [Fact]
    public void The_kernel_translates_from_the_first_chain_on_that_does_so()
    {
        string[][] orders = Orders(Translating("a") + Translating("b") + Prerouting("f", "dstnat"));

        Assert.Equal(4, orders.Length);
        Assert.All(orders, static o => Assert.True(
            Array.IndexOf(o, HookEntry.Translation.Name) < Array.FindIndex(o, static n => n is "nft inet a c" or "nft "
                + "inet b c")));
    }

    // What translates needs what tracks, so no order has the tracking later.
    [Fact]
    public void What_translates_is_registered_after_the_kernel_s_tracking()
    {
        string[][] orders = Orders(Translating("a") + Translating("b") + Prerouting("f", "-200"));
        Assert.Equal(4, orders.Length);
        Assert.All(orders, static o => Assert.True(
            Array.IndexOf(o, HookEntry.Tracking.Name) < Array.FindIndex(o, static n => n is "nft inet a c" or "nft "
                + "inet b c")));

        orders = Orders(Translating("a") + Prerouting("f", "-200") + Prerouting("g", "dstnat"));
        Assert.Equal(4, orders.Length);
        Assert.All(orders, static o => Assert.True(
            Array.IndexOf(o, HookEntry.Tracking.Name) < Array.IndexOf(o, HookEntry.Translation.Name)));
    }

    [Fact]
    public void One_copy_serves_an_order_of_each_family()
    {
        string four = Table("a", "ct zone set 7") + Table("b", "accept");

        Assert.Equal(2, ChainOrders.Of(Filter(
            four.Replace("inet", "ip", StringComparison.Ordinal)
            + four.Replace("inet", "ip6", StringComparison.Ordinal))).Each.Count);
    }

    [Fact]
    public void Chains_whose_place_is_not_understood_are_not_judged()
    {
        Assert.Throws<RehearsalException>(() => ChainOrders.Of(Filter(Table("a", "accept", "somewhere"))));
        Assert.Throws<RehearsalException>(() => ChainOrders.Of(Filter(
            Table("a", "accept").Replace("\t", "  ", StringComparison.Ordinal))));
    }

    private static HostFilter Filter(string native) => new(native, [], string.Empty, []);

    private static string[][] Orders(string native) =>
        [.. ChainOrders.Of(Filter(native)).Each.Select(static o => o.Select(static e => e.Name).ToArray())];

    private static string Translating(string name) => Table(name, "tcp dport 22 redirect to :23", "dstnat")
        .Replace("type filter hook input", "type nat hook prerouting", StringComparison.Ordinal);

    private static string Prerouting(string name, string priority) => Table(name, "accept", priority)
        .Replace("hook input", "hook prerouting", StringComparison.Ordinal);

    private static string Table(string name, string rule, string priority = "filter") =>
        $"table inet {name} {{\n\tchain c {{\n\t\ttype filter hook input priority {priority}; policy accept;\n"
        + (rule.Length == 0 ? string.Empty : $"\t\t{rule}\n") + "\t}\n}\n";

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
