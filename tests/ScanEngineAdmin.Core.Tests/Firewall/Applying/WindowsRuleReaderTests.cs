using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Firewall.Providers.Windows;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Core.Tests.Firewall.Applying;

/// <summary>What is read from the cmdlets of Windows, and from netsh.</summary>
public sealed class WindowsRuleReaderTests
{
    private static readonly int[] Ports = [40814, 40815];

    [Theory]
    [InlineData("Segmentation fault")]
    [InlineData("""{"Profiles":[{"Name":{}}]}""")]
    [InlineData("""{"Active":"Public","Profiles":[{"Name":[]}]}""")]
    [InlineData("""{"Rules":[{"Direction":[1]}]}""")]
    public void What_is_not_the_json_of_windows_is_a_plain_error(string said) => Assert.Equal(
        FaultCode.ProviderUnavailable,
        Assert.Throws<ScanEngineException>(() => WindowsRuleReader.ReadNetSecurity(said, Ports)).Code);

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
}
