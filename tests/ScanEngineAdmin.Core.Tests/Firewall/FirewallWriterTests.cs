using System.Text;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Firewall.Providers;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Core.Tests.Firewall;

public sealed class FirewallWriterTests
{
    [Theory]
    [InlineData(FirewallProvider.NetSecurity)]
    [InlineData(FirewallProvider.Netsh)]
    [InlineData(FirewallProvider.Nftables)]
    [InlineData(FirewallProvider.Firewalld)]
    [InlineData(FirewallProvider.Ufw)]
    [InlineData(FirewallProvider.Iptables)]
    public void Commands_are_as_in_the_golden_file(FirewallProvider provider) =>
        GoldenFile.AssertIs(provider.ToString().ToLowerInvariant() + ".txt", Commands(provider));

    [Theory]
    [InlineData("lab-2'; rm -rf / #")]
    [InlineData("a\"b`c$(d)|e&f\n;g")]
    [InlineData("café")]
    public void An_engine_name_can_end_no_quotation(string name)
    {
        foreach (FirewallProvider provider in Enum.GetValues<FirewallProvider>())
        {
            string plain = FirewallWriters.For(provider).Open(Sample.Rule(peers: "203.0.113.7"), "x");
            string hostile = FirewallWriters.For(provider).Open(Sample.Rule(peers: "203.0.113.7"), name);

            Assert.Equal(Specials(plain), Specials(hostile));
        }
    }

    [Theory]
    [InlineData("203.0.113.7; reboot")]
    [InlineData("fe80::1%$(reboot)")]
    [InlineData("2001:db8::1")]
    [InlineData("lab-2.example.net")]
    [InlineData("")]
    [InlineData("0.0.0.0/0")]
    [InlineData("203.0.113.7/24")]
    [InlineData("203.0.113.0/33")]
    [InlineData("2001:db8::/32")]
    [InlineData("203.0.113.0/24; reboot")]
    public void What_is_not_an_address_of_the_family_never_becomes_a_command(string peer)
    {
        foreach (FirewallProvider provider in Enum.GetValues<FirewallProvider>())
        {
            FirewallRule rule = Sample.Rule(peers: peer);

            ScanEngineException error = Assert.Throws<ScanEngineException>(
                () => FirewallWriters.For(provider).Open(rule, "x"));
            Assert.Equal(FaultCode.OptionInvalid, error.Code);
        }
    }

    [Fact]
    public void A_block_is_one_in_every_provider_s_words()
    {
        foreach (FirewallProvider provider in Enum.GetValues<FirewallProvider>())
        {
            FirewallRule rule = Sample.Rule(peers: ["203.0.113.0/24", "10.0.0.1/32"]);
            string text = FirewallWriters.For(provider).Open(rule, "x");

            Assert.Contains("203.0.113.0/24", text, StringComparison.Ordinal);
            Assert.DoesNotContain("203.0.113.0/24/", text, StringComparison.Ordinal);
            Assert.DoesNotContain("10.0.0.1/32/", text, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("10.1.0.0/255.255.0.0", "10.1.0.0/16")]
    [InlineData("10.1.0.7/255.255.255.255", "10.1.0.7")]
    [InlineData("0.0.0.0/0.0.0.0", null)]
    [InlineData("2001:db8::/32", "2001:db8::/32")]
    public void A_block_is_read_in_every_provider_s_words(string shown, string? plain) =>
        Assert.Equal(plain, PeerAddresses.Plain(shown));

    [Theory]
    [InlineData("sea-0123456789ag")]
    [InlineData("sea-0123456789ab'")]
    [InlineData("sea-0123456789AB")]
    [InlineData("")]
    public void A_rule_id_that_is_not_ours_never_becomes_a_command(string id)
    {
        foreach (FirewallProvider provider in Enum.GetValues<FirewallProvider>())
        {
            FirewallRule rule = Sample.Rule(peers: "203.0.113.7") with { RuleId = id };

            Assert.Throws<ScanEngineException>(() => FirewallWriters.For(provider).Close(rule));
            Assert.Throws<ScanEngineException>(() => FirewallWriters.For(provider).Open(rule, "x"));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(65536)]
    [InlineData(-1)]
    public void A_port_out_of_range_never_becomes_a_command(int port)
    {
        foreach (FirewallProvider provider in Enum.GetValues<FirewallProvider>())
        {
            Assert.Throws<ScanEngineException>(
                () => FirewallWriters.For(provider).Open(Sample.Rule(port: port), "x"));
        }
    }

    [Fact]
    public void A_placement_that_is_no_identifier_never_becomes_a_command()
    {
        IFirewallWriter writer = FirewallWriters.For(
            FirewallProvider.Nftables, new NftablesPlacement("inet", "filter; reboot", "input", "output"));

        Assert.Throws<ScanEngineException>(() => writer.Open(Sample.Rule(), "x"));
    }

    [Fact]
    public void Where_policies_of_firewalld_deny_what_goes_out_the_rule_goes_into_them()
    {
        const string Rich = "rule family=\"ipv4\" destination address=\"203.0.113.7/32\" "
            + "port port=\"40814\" protocol=\"tcp\" accept";
        IFirewallWriter writer = FirewallWriters.For(FirewallProvider.Firewalld, policies: ["closed"]);
        FirewallRule rule = Sample.Rule(RuleFlow.Out, port: 40814, peers: "203.0.113.7");

        Assert.Equal(
            $"firewall-cmd --policy=closed --add-rich-rule='{Rich}' && "
                + $"firewall-cmd --permanent --policy=closed --add-rich-rule='{Rich}'",
            writer.Open(rule, "x"));
        Assert.Equal(
            $"firewall-cmd --policy=closed --remove-rich-rule='{Rich}' && "
                + $"firewall-cmd --permanent --policy=closed --remove-rich-rule='{Rich}'",
            writer.Close(rule));
        Assert.DoesNotContain(
            "--policy", writer.Open(Sample.Rule(peers: "203.0.113.7"), "x"), StringComparison.Ordinal);
        Assert.Throws<ScanEngineException>(() => FirewallWriters
            .For(FirewallProvider.Firewalld, policies: ["closed; reboot"]).Open(rule, "x"));
    }

    [Fact]
    public void Each_peer_gets_its_rule_in_the_zone_that_was_found_for_it()
    {
        FirewallRule rule = Sample.Rule(peers: ["203.0.113.7", "203.0.113.8"]);
        var places = new RulePlaces();
        places.Add(rule.RuleId, "203.0.113.8", "work");
        IFirewallWriter writer = FirewallWriters.For(FirewallProvider.Firewalld, places: places);

        ToolCall[] calls = [.. writer.OpenCalls(rule, "x")];

        Assert.Equal(4, calls.Length);
        Assert.All(calls, static call => Assert.Equal(
            call.Arguments[^1].Contains("203.0.113.8/32", StringComparison.Ordinal),
            call.Arguments.Contains("--zone=work")));
        Assert.All(
            writer.CloseCalls(new InstalledFirewallRule
            {
                RuleId = rule.RuleId,
                Provider = FirewallProvider.Firewalld,
                Flow = RuleFlow.In,
                Port = 40815,
                RemoteAddress = ["203.0.113.8"],
                Family = RuleFamily.IPv4,
                Action = InstalledAction.Allow,
                Chain = "dmz",
                Text = string.Empty,
            }),
            static call => Assert.Contains("--zone=dmz", call.Arguments));
        places.Add(rule.RuleId, "203.0.113.7", "work; reboot");
        Assert.Throws<ScanEngineException>(() => writer.OpenCalls(rule, "x"));
    }

    [Fact]
    public void Each_backend_of_iptables_gets_the_rule_by_its_own_tool()
    {
        FirewallRule rule = Sample.Rule(family: RuleFamily.IPv6, peers: "2001:db8::7");
        var places = new RulePlaces();
        places.Add(rule.RuleId, string.Empty, RulePlaces.PlainBackend);
        places.Add(rule.RuleId, string.Empty, "iptables-legacy");

        Assert.Equal(
            ["ip6tables", "ip6tables-legacy"],
            FirewallWriters.For(FirewallProvider.Iptables, places: places).OpenCalls(rule, "x").Select(c => c.Tool));
    }

    [Fact]
    public void Undo_of_an_Add_is_the_Remove_and_the_other_way_round()
    {
        FirewallRule rule = Sample.Rule(peers: "203.0.113.7");
        foreach (FirewallProvider provider in Enum.GetValues<FirewallProvider>())
        {
            IFirewallWriter writer = FirewallWriters.For(provider);
            FirewallRule add = FirewallWriters.WithCommands(rule, writer, "x");
            FirewallRule remove = FirewallWriters.WithCommands(rule with { Change = RuleChange.Remove }, writer, "x");

            Assert.Equal((add.Command, add.UndoCommand), (remove.UndoCommand, remove.Command));
            Assert.NotEqual(add.Command, add.UndoCommand);
        }
    }

    private static string Commands(FirewallProvider provider)
    {
        (string Title, FirewallRule Rule)[] cases =
        [
            ("in, one address", Sample.Rule(peers: "203.0.113.7")),
            ("in, two addresses", Sample.Rule(peers: ["203.0.113.7", "203.0.113.8"])),
            ("in, IPv6", Sample.Rule(family: RuleFamily.IPv6, peers: "2001:db8::7")),
            ("in, any IPv4", Sample.Rule()),
            ("in, any IPv6", Sample.Rule(family: RuleFamily.IPv6)),
            ("out, one address", Sample.Rule(RuleFlow.Out, port: 40814, peers: "203.0.113.7")),
            ("out, any IPv6", Sample.Rule(RuleFlow.Out, RuleFamily.IPv6, 40814)),
        ];
        IFirewallWriter writer = FirewallWriters.For(provider);
        var text = new StringBuilder();
        foreach ((string title, FirewallRule rule) in cases)
        {
            text.Append("# ").Append(title).Append('\n')
                .Append(writer.Open(rule, "lab-2 (Berlin)")).Append('\n')
                .Append(writer.Close(rule)).Append('\n');
        }

        return text.ToString();
    }

    private static string Specials(string command) =>
        string.Concat(command.Where(c => !char.IsAsciiLetterOrDigit(c) && c is not ('.' or '_' or '-' or ' ')));
}
