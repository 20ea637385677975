using System.Net;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Firewall.Applying;
using ScanEngineAdmin.Firewall.Planning;
using ScanEngineAdmin.Firewall.Providers;
using ScanEngineAdmin.Firewall.Providers.Iptables;
using ScanEngineAdmin.Firewall.Providers.Ufw;
using ScanEngineAdmin.Firewall.Rehearsal;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Core.Tests.Firewall.Applying;

public sealed class FirewallReaderTests
{
    private static readonly int[] Ports = [40814, 40815];

    [Theory]
    [InlineData("""[{"ifname":{}}]""")]
    [InlineData("""[{"ifname":"eth0","addr_info":[{"local":"10.0.0.1","prefixlen":"ten"}]}]""")]
    [InlineData("""[{"ifname":"eth0","addr_info":[{"local":"nowhere"}]}]""")]
    [InlineData("""[{"ifname":"eth0","addr_info":[1]}]""")]
    [InlineData("""{}""")]
    public async Task Links_that_cannot_be_read_leave_a_rehearsal_without_an_answer(string said)
    {
        var reader = new HostFilterReader((tool, arguments, _) => Task.FromResult(
            tool == "ip" && arguments.Contains("addr")
                ? new ToolResult(true, 0, said)
                : ToolResult.Missing));

        RehearsalException failure = await Assert.ThrowsAsync<RehearsalException>(
            () => reader.ReadAsync(CancellationToken.None));

        Assert.Contains("'ip addr show'", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dormant_table_that_nft_cannot_list_does_not_hide_the_others()
    {
        const string Text = "table inet off {\n\tflags dormant\n\n\tchain c {\n\t}\n}\n"
            + "table inet filter {\n\tchain input {\n\t}\n}\n";
        const string Filter = """
            {"nftables":[
            {"chain":{"family":"inet","table":"filter","name":"input","type":"filter","hook":"input","policy":"drop"}}]}
            """;
        var host = new HostTools(
            (call, _) => Task.FromResult(new ToolResult(true, 0, string.Join(' ', call.Arguments) switch
            {
                "-j list ruleset" => "{\"nftables\": [{\"table\": {\"family\": \"inet\", \"flags\": \nwarning",
                "-t list ruleset" => Text,
                "-j list table inet filter" => Filter,
                var other => throw new InvalidOperationException(other),
            })),
            Windows: false, string.Empty, TimeProvider.System);

        InstalledFirewallRule found = Assert.Single(
            await new FirewallReader(host).ReadAsync(FirewallProvider.Nftables, Ports, CancellationToken.None));

        Assert.Equal("inet filter input", found.Chain);
        Assert.DoesNotContain("table inet off", HostFilterReader.Native(Text, []), StringComparison.Ordinal);
        Assert.Contains("table inet filter", HostFilterReader.Native(Text, []), StringComparison.Ordinal);
    }

    [Fact]
    public void Iptables_lines_come_apart_as_the_arguments_they_were_made_of() => Assert.Equal(
        ["-A", "INPUT", "-m", "comment", "--comment", "a \"b\" c", "-j", "ACCEPT"],
        IptablesReader.Words("-A INPUT -m comment --comment \"a \\\"b\\\" c\" -j ACCEPT"));

    [Fact]
    public void Ufw_status_tells_family_flow_and_whose_rule_it_is()
    {
        const string Status = """
            Status: active
            Logging: on (low)
            Default: deny (incoming), allow (outgoing), disabled (routed)
            New profiles: skip

            To                         Action      From
            --                         ------      ----
            40815/tcp                  ALLOW IN    203.0.113.7                # scanengine:sea-0123456789ab
            40000:41000/tcp            DENY IN     Anywhere
            22/tcp                     ALLOW IN    Anywhere
            40815/udp                  ALLOW IN    Anywhere
            40815/tcp (v6)             LIMIT IN    Anywhere (v6)
            203.0.113.9 40814/tcp      ALLOW OUT   Anywhere (out)
            Anywhere                   REJECT IN   198.51.100.0/24
            """;

        IReadOnlyList<InstalledFirewallRule> found = UfwReader.Read(Status, Ports);

        Assert.Equal(7, found.Count);
        Assert.Equal([InstalledAction.Deny, InstalledAction.Allow], found.Take(2).Select(static r => r.Action));
        Assert.Equal(("sea-0123456789ab", 40815), (found[2].RuleId, found[2].Port));
        Assert.True(found[3] is { Foreign: true, Action: InstalledAction.Deny, Port: null });
        Assert.True(found[4] is { Family: RuleFamily.IPv6, Action: InstalledAction.Allow, RemoteAddress: [] });
        Assert.True(found[5] is { Flow: RuleFlow.Out, Port: 40814, RemoteAddress: ["203.0.113.9"] });
        Assert.True(found[6] is { Port: null, RemoteAddress: ["198.51.100.0/24"], Action: InstalledAction.Deny });
    }

    [Fact]
    public void What_was_added_to_no_zone_by_name_is_ours_in_the_default_zone_alone()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("sea-added-");
        try
        {
            var added = new AddedRules(folder.FullName);
            var places = new RulePlaces();
            FirewallRule named = Sample.Rule(port: 40814, peers: "203.0.113.7");
            places.Add(named.RuleId, "203.0.113.7", "work");
            added.Add(named, places);
            added.Add(Sample.Rule(peers: "203.0.113.7"), null);
            added.Add(Sample.Rule(RuleFlow.Out, peers: "203.0.113.7"), null);
            InstalledFirewallRule rule = Installed(null, "203.0.113.7", 0) with
            {
                Provider = FirewallProvider.Firewalld,
            };

            Assert.Equal(
                ["public 40815 In", "work 40814 In", "policy closed 40815 Out", "direct 40815 Out"],
                added.Label(
                    [
                        rule with { Chain = "public" }, rule with { Chain = "dmz" }, rule with { Chain = "direct" },
                        rule with { Chain = "work", Port = 40814 }, rule with { Chain = "public", Port = 40814 },
                        rule with { Chain = "policy closed", Flow = RuleFlow.Out },
                        rule with { Chain = "direct", Flow = RuleFlow.Out },
                    ],
                    "public").Where(static r => !r.Foreign).Select(static r => $"{r.Chain} {r.Port} {r.Flow}"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("public", "==")]
    [InlineData("dmz", "<=")]
    public async Task Rules_of_others_in_firewalld_count_in_the_default_zone_alone(string zone, string side)
    {
        const string Rule = "\trule family=\"ipv4\" source address=\"203.0.113.7/32\" port port=\"40815\" "
            + "protocol=\"tcp\" ";
        string zones = string.Concat(((string[])["public", "dmz"]).Select(
            z => $"{z} (active)\n  target: default\n  rich rules:\n" + (z == zone ? $"{Rule}accept\n"
                : $"{Rule.Replace("40815", "40814", StringComparison.Ordinal)}reject\n")));
        var host = new HostTools(
            (call, _) => Task.FromResult(new ToolResult(true, 0, call.Arguments[^1] switch
            {
                "--list-all-zones" => zones,
                "--get-default-zone" => "public\n",
                "--get-active-zones" => "public\n  interfaces: eth0\ndmz\n  interfaces: eth1\n",
                _ => string.Empty,
            })),
            Windows: false, Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString()), TimeProvider.System);

        IReadOnlyList<FirewallDriftRow> rows = FirewallDrift.Compare(
            [Sample.Rule(peers: "203.0.113.7"), Sample.Rule(port: 40814, peers: "203.0.113.7") with
            {
                RuleId = "sea-ba9876543210",
            }],
            await new FirewallReader(host).ReadAsync(FirewallProvider.Firewalld, Ports, CancellationToken.None),
            FirewallProvider.Firewalld);

        // The other zone denies the other port, or the default one does.
        Assert.Equal(
            zone == "public" ? [side, "<="] : [side, "<=", "!="], rows.Select(static r => r.SideIndicator));
    }

    [Fact]
    public void Drift_names_what_is_missing_what_is_too_much_and_what_stands_in_the_way()
    {
        IReadOnlyList<FirewallRule> wanted = FirewallPlanner.Needed(
            NodeRole.Console,
            new FirewallHost { Name = "console", Port = 40815, Provider = FirewallProvider.Nftables },
            [
                Other("lab-1", "203.0.113.1"), Other("lab-2", "203.0.113.2"), Other("lab-3", "203.0.113.3"),
                Other("lab-4", "203.0.113.4") with { Direction = CommunicationDirection.ConsoleToEngine, Port = 40814 },
            ]);
        Assert.Equal(3, wanted.Count);
        InstalledFirewallRule right = Installed(wanted[0].RuleId, "203.0.113.1", 2);
        InstalledFirewallRule moved = Installed(wanted[1].RuleId, "203.0.113.99", 3);
        InstalledFirewallRule extra = Installed("sea-000000000000", "203.0.113.9", 4);
        InstalledFirewallRule drop = Installed(null, "203.0.113.0/29", 1) with { Action = InstalledAction.Deny };
        InstalledFirewallRule elsewhere = drop with { RemoteAddress = ["192.0.2.0/24"] };
        InstalledFirewallRule behind = drop with { Order = 9 };

        IReadOnlyList<FirewallDriftRow> rows = FirewallDrift.Compare(
            wanted, [elsewhere, drop, right, moved, extra, behind], FirewallProvider.Nftables);

        Assert.Equal(
            ["==", "!=", "<=", "!=", "!=", "<=", "!=", "!=", "=>", "=>"], rows.Select(static r => r.SideIndicator));
        Assert.Same(right, rows[0].Installed);
        Assert.Same(drop, rows[1].Installed);
        Assert.StartsWith("nft list chain", rows[2].Wanted!.Command, StringComparison.Ordinal);
        Assert.Contains("203.0.113.99", rows[2].Detail, StringComparison.Ordinal);
        Assert.Equal([moved, extra], rows.Where(static r => r.SideIndicator == "=>").Select(static r => r.Installed));

        static FirewallNeighbour Other(string name, string address) => new(
            name, Guid.NewGuid(), CommunicationDirection.EngineToConsole, 40815, [IPAddress.Parse(address)]);
    }

    private static InstalledFirewallRule Installed(string? id, string peer, int order) => new()
    {
        RuleId = id,
        Provider = FirewallProvider.Nftables,
        Flow = RuleFlow.In,
        Port = 40815,
        RemoteAddress = [peer],
        Family = RuleFamily.IPv4,
        Action = InstalledAction.Allow,
        Chain = "inet filter input",
        Order = order,
        Text = "from " + peer,
    };
}
