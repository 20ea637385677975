using System.Net;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Applier;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Core.Tests.Firewall.Requests;

/// <summary>The applier opens for so many addresses of a pairing and no more, whatever its node says.</summary>
public sealed class ApplierLimitsTests
{
    /// <summary>The block is a row of the console's store; that it may be in a rule root has said.</summary>
    [Theory]
    [InlineData("10.1.0.0/16", "", false)]
    [InlineData("10.1.0.0/16", "10.2.0.0/16", false)]
    [InlineData("10.1.0.0/16, 10.3.0.1", "10.1.0.0/16", false)]
    [InlineData("any", "10.0.0.0/8, 2001:db8::/32", false)]
    [InlineData("any", "0.0.0.0/0", false)]
    [InlineData("10.1.0.0/16", "10.0.0.0/8", true)]
    [InlineData("10.1.0.0/16, 10.3.0.1", "10.0.0.0/8", true)]
    [InlineData("0.0.0.0/0", "any", true)]
    public async Task A_block_is_opened_as_far_as_the_applier_s_admin_allows_it(
        string engine, string applier, bool opens)
    {
        using var host = new ApplierFixture(NodeRole.Console);
        host.Options = host.Options with
        {
            AllowFrom = AllowedSources.Read(AllowedSources.Normalize([applier])),
        };
        Guid pairing = host.Pair(ApplierFixture.Standard);
        host.Host.Console.SetAllowFrom(pairing, [engine]);
        Guid change = host.Begin(pairing, ApplierFixture.Reverse);

        if (!opens)
        {
            ScanEngineException refused = await Assert.ThrowsAsync<ScanEngineException>(
                () => host.DoAsync(pairing, change, FirewallAction.Open));
            Assert.Equal(FaultCode.AddressInvalid, refused.Code);
            Assert.Contains("--allow-from", refused.Recommendation, StringComparison.Ordinal);
            Assert.Empty(host.Filter());
            return;
        }

        FirewallRequest done = await host.DoAsync(pairing, change, FirewallAction.Open);

        Assert.True(done.IsDone, done.Detail);
        Assert.Equal(await host.NeededAsync(), host.Filter());
        Assert.All(
            engine.Split(", "),
            one => Assert.Contains(
                host.Rules, rule => engine == "0.0.0.0/0" || rule.Contains(one, StringComparison.Ordinal)));
        host.Decide(change, commit: false);
        host.End(pairing, change, commit: false);
        await host.DoAsync(pairing, change, FirewallAction.Close);
        Assert.Equal(await host.NeededAsync(), host.Filter());
    }

    [Theory]
    [InlineData(NodeRole.Engine, CommunicationDirection.ConsoleToEngine)]
    [InlineData(NodeRole.Console, CommunicationDirection.EngineToConsole)]
    public void A_peer_has_up_to_16_addresses(NodeRole role, CommunicationDirection way)
    {
        Check(16);
        ScanEngineException refused = Assert.Throws<ScanEngineException>(() => Check(17));
        Assert.Equal(FaultCode.AddressInvalid, refused.Code);
        Assert.Equal(FaultCode.AddressInvalid, Assert.Throws<ScanEngineException>(() => Check(0)).Code);

        void Check(int addresses) => FirewallLimits.Check(
            new PairingWays("lab", [new FirewallNeighbour("lab", Guid.NewGuid(), way, 40814, Some(addresses))]),
            deniesOutbound: false, [40814], role, []);

        static IReadOnlyList<IPAddress> Some(int count) =>
            [.. Enumerable.Range(1, count).Select(i => new IPAddress([192, 0, 2, (byte)i]))];
    }

    [Fact]
    public void A_node_has_up_to_256_changes_on_trial_at_once()
    {
        FirewallLimits.Check(255);
        Assert.Equal(
            FaultCode.FirewallBusy, Assert.Throws<ScanEngineException>(() => FirewallLimits.Check(256)).Code);
    }

    [Fact]
    public void A_rule_on_trial_lives_no_longer_than_the_longest_change_whatever_a_node_asks_for()
    {
        Assert.Equal(TimeSpan.FromMinutes(70), FirewallLimits.Lifetime(TimeSpan.MaxValue));
        Assert.Equal(TimeSpan.FromSeconds(10), FirewallLimits.Lifetime(TimeSpan.MinValue));
    }
}
