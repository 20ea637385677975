using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Firewall.Providers.Nftables;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Core.Tests.Firewall.Applying;

/// <summary>What is read from the JSON of nft.</summary>
public sealed class NftReaderTests
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
}
