using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Faults;

namespace ScanEngineAdmin.Core.Tests.Nodes;

/// <summary>What an admin is advised fits the cause.</summary>
public sealed class ChannelFaultsTests
{
    public static TheoryData<ChannelFault> Faults { get; } = [.. Enum.GetValues<ChannelFault>()];

    [Theory]
    [InlineData(ChannelFault.PortInUse, "another port with -Port")]
    [InlineData(ChannelFault.AddressNotAvailable, "an address that this host has")]
    [InlineData(ChannelFault.ConnectionRefused, "Start the listener at host:1")]
    [InlineData(ChannelFault.HandshakeTimedOut, "suspended or overloaded")]
    [InlineData(ChannelFault.ProtocolViolation, "same version")]
    [InlineData(ChannelFault.PeerSilent, "does not answer")]
    [InlineData(ChannelFault.RequestTimedOut, "does not answer")]
    [InlineData(ChannelFault.ConnectionLost, "Try again")]
    public void The_advice_is_for_that_fault(ChannelFault fault, string advice) => Assert.Contains(
        advice,
        ChannelFaults.Recommendation(new ChannelException(fault, ChannelStage.Connect, "host:1", "x")),
        StringComparison.Ordinal);

    [Theory, MemberData(nameof(Faults))]
    public void No_fault_is_without_advice(ChannelFault fault)
    {
        foreach (RefusalCode refusal in Enum.GetValues<RefusalCode>())
        {
            FaultCode code = ChannelFaults.ToFaultCode(refusal);
            Assert.NotEmpty(ChannelFaults.Recommendation(code, "host:1"));
        }

        var exception = new ChannelException(fault, ChannelStage.Connect, "host:1", "x");
        Assert.NotEmpty(ChannelFaults.ToError(exception).Recommendation);

        // A port that is taken is nothing that trying again or a test of the way would help.
        Assert.Equal(
            fault is ChannelFault.PortInUse or ChannelFault.AddressNotAvailable,
            ChannelFaults.Recommendation(exception).StartsWith("Give an", StringComparison.Ordinal));
    }
}
