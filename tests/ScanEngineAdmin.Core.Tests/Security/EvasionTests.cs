using System.Net;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Scanning.Targets;

namespace ScanEngineAdmin.Core.Tests.Security;

public sealed class EvasionTests
{
    private static readonly TargetPolicyGuard Guard =
        new(new TargetPolicy { Deny = ["10.0.0.0/8", "127.0.0.1", "::1"] });

    [Theory]
    [InlineData("::ffff:10.1.2.3")]
    [InlineData("64:ff9b::10.1.2.3")]
    [InlineData("64:ff9b:1::a01:203")]
    [InlineData("::ffff:0:10.1.2.3")]
    [InlineData("2002:a01:203::1")]
    [InlineData("0.0.0.0")]
    [InlineData("::")]
    public void What_leads_to_a_denied_address_is_denied(string target)
    {
        Assert.Equal(
            FaultCode.ScanRefused,
            Assert.Throws<ScanEngineException>(() => Guard.Check(TargetList.Parse([target]))).Code);
        Assert.False(Guard.Allows(IPAddress.Parse(target)));
    }

    [Theory]
    [InlineData("64:ff9b::192.0.2.1")]
    [InlineData("2002:c000:201::1")]
    [InlineData("2001:db8::1")]
    [InlineData("0.0.0.1")]
    [InlineData("::ffff:192.0.2.1")]
    public void What_leads_elsewhere_is_not(string target) => Assert.True(Guard.Allows(IPAddress.Parse(target)));

    [Fact]
    public void Two_nodes_with_one_identity_are_found_when_a_boot_comes_back_and_restarts_are_not()
    {
        var watch = new TakeoverWatch();
        PeerInfo first = Peer("192.0.2.1");
        PeerInfo second = Peer("192.0.2.2");
        Assert.Null(watch.Opened(first));
        Assert.Null(watch.Opened(first));
        Assert.Null(watch.Opened(second));
        Assert.Null(watch.Opened(second));
        Assert.Contains("192.0.2.2 and 192.0.2.1", watch.Opened(first), StringComparison.Ordinal);
        for (int restart = 0; restart < 100; restart++)
        {
            Assert.Null(watch.Opened(Peer("192.0.2.1")));
        }
    }

    private static PeerInfo Peer(string address) => new(
        new PeerHello
        {
            Role = NodeRole.Engine,
            NodeId = Guid.NewGuid(),
            Name = "n",
            Product = "1",
            BootId = Guid.NewGuid(),
        },
        default,
        new IPEndPoint(IPAddress.Parse(address), 1),
        new IPEndPoint(IPAddress.Loopback, 2),
        Dialled: false,
        Version: 1);
}
