using System.Net;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Applier;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Core.Tests.Firewall.Requests;

/// <summary>The applier opens for so many addresses of a pairing and no more, whatever its node says.</summary>
public sealed class ApplierLimitsTests
{
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
            deniesOutbound: false, [40814], role);

        static IReadOnlyList<IPAddress> Some(int count) =>
            [.. Enumerable.Range(1, count).Select(i => new IPAddress([192, 0, 2, (byte)i]))];
    }
}
