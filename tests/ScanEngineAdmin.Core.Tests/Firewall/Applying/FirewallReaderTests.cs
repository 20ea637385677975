using System.Net;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Firewall.Applying;
using ScanEngineAdmin.Firewall.Planning;
using ScanEngineAdmin.Firewall.Providers.Iptables;
using ScanEngineAdmin.Firewall.Providers.Nftables;
using ScanEngineAdmin.Firewall.Providers.Ufw;
using ScanEngineAdmin.Firewall.Providers.Windows;
using ScanEngineAdmin.Firewall.Rules;

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

    [Fact]
    public void What_is_not_nft_json_is_a_plain_error() => Assert.Equal(
        FaultCode.ProviderUnavailable,
        Assert.Throws<ScanEngineException>(() => NftReader.Read("Segmentation fault", Ports)).Code);

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
