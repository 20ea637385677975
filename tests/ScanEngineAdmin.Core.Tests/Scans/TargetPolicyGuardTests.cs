using System.Net;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Scanning.Targets;

namespace ScanEngineAdmin.Core.Tests.Scans;

public sealed class TargetPolicyGuardTests
{
    [Theory]
    [InlineData("", "", "10.0.0.1", null)]
    [InlineData("10.0.0.0/8", "", "10.1.0.0/24", null)]
    [InlineData("10.0.0.0/24,10.0.1.0/24", "", "10.0.0.0/23", null)]
    [InlineData("10.0.0.0/24", "", "10.0.0.0/23", "10.0.1.0-10.0.1.255")]
    [InlineData("10.0.0.0/24", "", "11.0.0.1", "11.0.0.1")]
    [InlineData("10.0.0.0/24", "", "2001:db8::1", "2001:db8::1")]
    [InlineData("10.0.0.0/8", "10.0.5.0/24", "10.0.0.0/16", "10.0.5.0-10.0.5.255")]
    [InlineData("", "10.0.5.7", "10.0.0.0/16", "10.0.5.7")]
    [InlineData("", "::/0", "10.0.0.1", null)]
    [InlineData("", "::/0", "2001:db8::1", "2001:db8::1")]
    [InlineData("", "10.0.0.0/8", "::ffff:10.0.0.1", "10.0.0.1")]
    [InlineData("", "::ffff:10.0.0.0/104", "10.0.0.1", "10.0.0.1")]
    [InlineData("", "10.0.0.0/8", "64:ff9b::a00:1", "64:ff9b::a00:1")]
    [InlineData("", "10.0.0.0/8", "64:ff9b::b00:1", null)]
    [InlineData("::/0", "", "::ffff:10.0.0.1", "10.0.0.1")]
    public void The_first_refused_address_is_named(string allow, string deny, string target, string? refused)
    {
        var guard = new TargetPolicyGuard(new TargetPolicy { Allow = Split(allow), Deny = Split(deny) });
        TargetList targets = TargetList.Parse([target]);
        if (refused is null)
        {
            guard.Check(targets);
            return;
        }

        var error = Assert.Throws<ScanEngineException>(() => guard.Check(targets));
        Assert.Equal((FaultCode.ScanRefused, refused), (error.Code, error.Target));
    }

    [Fact]
    public void A_resolved_address_is_held_to_the_policy_however_it_is_written()
    {
        var guard = new TargetPolicyGuard(new TargetPolicy { Allow = ["10.0.0.0/8"], Deny = ["10.9.0.0/16"] });
        Assert.True(guard.Allows(IPAddress.Parse("10.0.0.1")));
        Assert.True(guard.Allows(IPAddress.Parse("::ffff:10.0.0.1")));
        Assert.False(guard.Allows(IPAddress.Parse("::ffff:10.9.0.1")));
        Assert.False(guard.Allows(IPAddress.Parse("192.0.2.1")));
    }

    [Theory]
    [InlineData("10.0.0.5/24")]
    [InlineData("host.example")]
    [InlineData("")]
    public void A_policy_that_cannot_be_meant_is_refused(string rule)
    {
        var error = Assert.Throws<ScanEngineException>(() => new TargetPolicyGuard(new TargetPolicy { Deny = [rule] }));
        Assert.Equal(FaultCode.TargetInvalid, error.Code);
    }

    private static string[] Split(string rules) => rules.Split(',', StringSplitOptions.RemoveEmptyEntries);
}
