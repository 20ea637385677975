using System.Net;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Firewall.Applying;
using ScanEngineAdmin.Firewall.Planning;
using ScanEngineAdmin.Firewall.Providers;
using ScanEngineAdmin.Firewall.Providers.Iptables;
using ScanEngineAdmin.Firewall.Providers.Nftables;
using ScanEngineAdmin.Firewall.Providers.Ufw;
using ScanEngineAdmin.Firewall.Providers.Windows;
using ScanEngineAdmin.Firewall.Rehearsal;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Core.Tests.Firewall.Applying;

public sealed class FirewallReaderTests
{
    private static readonly int[] Ports = [40814, 40815];

    [Fact]
    public void Nftables_foreign_rules_are_kept_only_if_they_matter()
    {
        const string Json = """
            {"nftables":[{"metainfo":{}},
            {"chain":{"family":"inet","table":"filter","name":"input","type":"filter","hook":"input","policy":"drop"}},
            {"rule":{"family":"inet","table":"filter","chain":"input","handle":3,"expr":[
              {"match":{"op":"in","left":{"ct":{"key":"state"}},"right":["established"]}},{"accept":null}]}},
            {"rule":{"family":"inet","table":"filter","chain":"input","handle":5,"expr":[
              {"match":{"op":"==","left":{"payload":{"protocol":"tcp","field":"dport"}},"right":{"set":[22,40815]}}},
              {"drop":null}]}},
            {"rule":{"family":"inet","table":"filter","chain":"input","handle":6,"expr":[
              {"match":{"op":"==","left":{"payload":{"protocol":"tcp","field":"dport"}},"right":22}},{"accept":null}]}},
            {"rule":{"family":"inet","table":"filter","chain":"input","handle":7,"expr":[
              {"match":{"op":"==","left":{"payload":{"protocol":"tcp","field":"dport"}},
               "right":{"range":[40000,41000]}}},{"accept":null}]}},
            {"rule":{"family":"inet","table":"filter","chain":"input","handle":8,
                "comment":"scanengine:sea-0123456789ab",
              "expr":[{"match":{"op":"==","left":{"payload":{"protocol":"ip","field":"saddr"}},
              "right":{"set":["203.0.113.7",{"prefix":{"addr":"10.0.0.0","len":8}}]}}},
              {"match":{"op":"==","left":{"payload":{"protocol":"tcp","field":"dport"}},"right":40815}},
              {"accept":null}]}}]}
            Warning: something after it
            """;

        IReadOnlyList<InstalledFirewallRule> found = NftReader.Read(Json, Ports);

        Assert.Equal([0L, 5L, 7L, 8L], found.Select(static r => r.Handle));
        Assert.True(found[0] is { IsDefault: true, Action: InstalledAction.Deny });
        Assert.Equal([InstalledAction.Deny, InstalledAction.Allow], found.Skip(1).Take(2).Select(static r => r.Action));
        Assert.Equal("sea-0123456789ab", found[3].RuleId);
        Assert.Equal(["203.0.113.7", "10.0.0.0/8"], found[3].RemoteAddress);
        Assert.True(found[1].Order < found[3].Order);
    }

    [Theory]
    [InlineData("Segmentation fault")]
    [InlineData("")]
    [InlineData("""{"nftables":[{"chain":{"type":{},"hook":"input"}}]}""")]
    [InlineData("""{"nftables":[{"rule":{"family":"ip","table":"t","chain":"c","handle":"ten"}}]}""")]
    public void What_is_not_nft_json_is_a_plain_error(string said) => Assert.Equal(
        FaultCode.ProviderUnavailable,
        Assert.Throws<ScanEngineException>(() => NftReader.Read(said, Ports)).Code);

    [Theory]
    [InlineData("Segmentation fault")]
    [InlineData("""{"Profiles":[{"Name":{}}]}""")]
    [InlineData("""{"Active":"Public","Profiles":[{"Name":[]}]}""")]
    [InlineData("""{"Rules":[{"Direction":[1]}]}""")]
    public void What_is_not_the_json_of_windows_is_a_plain_error(string said) => Assert.Equal(
        FaultCode.ProviderUnavailable,
        Assert.Throws<ScanEngineException>(() => WindowsRuleReader.ReadNetSecurity(said, Ports)).Code);

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

    [Theory]
    [InlineData("\"dormant\"")]
    [InlineData("[\"owner\",\"dormant\"]")]
    public void A_dormant_table_in_nft_s_json_is_not_in_force(string flags)
    {
        string json = $$$"""
            {"nftables":[
            {"table":{"family":"inet","name":"filter","handle":1,"flags":{{{flags}}}}},
            {"table":{"family":"ip","name":"filter","handle":1}},
            {"chain":{"family":"inet","table":"filter","name":"input","type":"filter","hook":"input","policy":"drop"}},
            {"rule":{"family":"inet","table":"filter","chain":"input","handle":8,
              "comment":"scanengine:sea-0123456789ab","expr":[{"accept":null}]}},
            {"chain":{"family":"ip","table":"filter","name":"input","type":"filter","hook":"input","policy":"drop"}}]}
            """;

        Assert.Equal("ip filter input", Assert.Single(NftReader.Read(json, Ports)).Chain);
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
    public void Windows_rules_are_read_from_the_cmdlets_json()
    {
        const string Json = """
            {"Rules":[
            {"Name":"ScanEngine-sea-0123456789ab","DisplayName":"Scan Engine lab-2","Direction":"Inbound",
             "Action":"Allow","LocalPort":["40815"],"RemotePort":["Any"],
             "RemoteAddress":["203.0.113.7","203.0.113.8/255.255.255.255"]},
            {"Name":"x","DisplayName":"Block all","Direction":"Inbound","Action":"Block","LocalPort":["Any"],
             "RemotePort":["Any"],"RemoteAddress":["Any"]},
            {"Name":"y","DisplayName":"RPC","Direction":"Inbound","Action":"Allow","LocalPort":["RPC"],
             "RemotePort":["Any"],"RemoteAddress":["Any"]}],
            "Profiles":{"Name":"Domain","Inbound":"NotConfigured","Outbound":"NotConfigured","Enabled":"True"}}
            """;

        IReadOnlyList<InstalledFirewallRule> found = WindowsRuleReader.ReadNetSecurity(Json, Ports);

        Assert.Equal(4, found.Count);
        Assert.Equal(
            [InstalledAction.Deny, InstalledAction.Allow], found.Where(static r => r.IsDefault).Select(r => r.Action));
        Assert.Equal("sea-0123456789ab", found[2].RuleId);
        Assert.Equal(["203.0.113.7", "203.0.113.8"], found[2].RemoteAddress);
        Assert.True(found[3] is { Foreign: true, Action: InstalledAction.Deny, Port: null });
    }

    [Fact]
    public void Windows_rules_count_only_where_they_are_sure_to_apply()
    {
        static string Rule(string name, string more, string action = "Allow") => "{\"Name\":\"" + name
            + "\",\"DisplayName\":\"d\",\"Direction\":\"Inbound\",\"Action\":\"" + action
            + "\",\"LocalPort\":[\"40815\"],\"RemotePort\":[\"Any\"],\"RemoteAddress\":[\"Any\"]" + more + "}";
        string json = "{\"Rules\":[" + string.Join(',', [
            Rule("plain", ",\"Profile\":\"Any\",\"Program\":\"Any\",\"Service\":\"Any\",\"InterfaceAlias\":[\"Any\"]"),
            Rule("elsewhere", ",\"Profile\":\"Domain, Private\""),
            Rule("refused", ",\"Profile\":\"Public\",\"Program\":\"C:\\\\a.exe\"", "Block"),
            Rule("service", ",\"Service\":\"W32Time\""), Rule("link", ",\"InterfaceAlias\":[\"Ethernet 2\"]"),
            Rule("wire", ",\"InterfaceType\":\"Wireless\""), Rule("address", ",\"LocalAddress\":[\"192.0.2.1\"]"),
            Rule("package", ",\"Package\":\"S-1-15-2-1\""),
            Rule("ScanEngine-sea-0123456789ab", ",\"Profile\":\"Domain, Private\"")])
            + "],\"Profiles\":[{\"Name\":\"Domain\",\"Inbound\":\"Allow\",\"Outbound\":\"Allow\",\"Enabled\":\"True\"},"
            + "{\"Name\":\"Public\",\"Inbound\":\"Block\",\"Outbound\":\"Allow\",\"Enabled\":\"True\"}],"
            + "\"Active\":[\"Public\"]}";

        IReadOnlyList<InstalledFirewallRule> found = WindowsRuleReader.ReadNetSecurity(json, Ports);

        Assert.Equal(
            ["profile Public", "profile Public"], found.Where(static r => r.IsDefault).Select(static r => r.Chain));
        InstalledFirewallRule[] rules = [.. found.Where(static r => !r.IsDefault)];
        Assert.Equal(
            ["plain", "refused", "service", "link", "wire", "address", "package", "ScanEngine-sea-0123456789ab"],
            rules.Select(static r => r.Text.Split(' ')[0]));
        Assert.Equal(InstalledAction.Allow, rules[0].Action);
        Assert.All(rules[1..7], static r => Assert.Equal(InstalledAction.Other, r.Action));
        Assert.Contains("profile Public, Program C:\\a.exe", rules[1].Text, StringComparison.Ordinal);
        Assert.Contains("profile Domain and Private", rules[7].Text, StringComparison.Ordinal);
        Assert.False(rules[7].InForce);

        // A host in two networks: what is for one of them is sure of neither.
        Assert.Equal(InstalledAction.Other, WindowsRuleReader.ReadNetSecurity(
            json.Replace("[\"Public\"]", "[\"Public\",\"DomainAuthenticated\"]", StringComparison.Ordinal), Ports)
            .Single(static r => r.RuleId is not null).Action);
    }

    [Fact]
    public void Netsh_rules_are_read_from_what_it_prints()
    {
        const string Shown = "\r\nRule Name:                            ScanEngine-sea-0123456789ab\r\n"
            + "----------------------------------------------------------------------\r\n"
            + "Enabled:                              Yes\r\nDirection:                            In\r\n"
            + "Profiles:                             Domain,Private\r\nLocalIP:                              Any\r\n"
            + "RemoteIP:                             203.0.113.7/32\r\nProtocol:                             TCP\r\n"
            + "LocalPort:                            40815\r\nRemotePort:                           Any\r\n"
            + "Action:                               Allow\r\n\r\n"
            + "Rule Name:                            off\r\nEnabled:                              No\r\n"
            + "Direction:                            In\r\nProtocol:                             TCP\r\n"
            + "LocalPort:                            40815\r\nAction:                               Block\r\nOk.\r\n";

        InstalledFirewallRule found = Assert.Single(WindowsRuleReader.ReadNetsh(Shown, Ports));

        Assert.True(found is { RuleId: "sea-0123456789ab", Port: 40815, Flow: RuleFlow.In });
        Assert.Equal(["203.0.113.7"], found.RemoteAddress);
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
