using System.Net;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;

namespace ScanEngineAdmin.Core.Tests.Admin;

/// <summary>From where an engine may dial, as it is typed and as it is kept.</summary>
public sealed class AllowedSourcesTests
{
    [Theory]
    [InlineData("10.0.0.1", "10.0.0.1")]
    [InlineData(" 10.0.0.0/8 ,\u00a0192.0.2.1;;", "10.0.0.0/8, 192.0.2.1")]
    [InlineData("192.0.2.1, 10.0.0.0/8, 10.1.0.0/16, 10.9.9.9", "10.0.0.0/8, 192.0.2.1")]
    [InlineData("10.0.0.0/25, 10.0.0.128/26, 10.0.0.192/26", "10.0.0.0/24")]
    [InlineData("10.0.0.128/25, 10.0.1.0/24", "10.0.0.128/25, 10.0.1.0/24")]
    [InlineData("2001:DB8::/32, 10.0.0.0/24, 2001:db8:1::1", "10.0.0.0/24, 2001:db8::/32")]
    [InlineData("::ffff:10.0.0.1", "10.0.0.1")]
    [InlineData("10.0.0.1/32", "10.0.0.1")]
    [InlineData("ANY", "any")]
    [InlineData("any, 10.0.0.0/8", "any")]
    [InlineData("::/0, 0.0.0.0/1, 128.0.0.0/1", "any")]
    [InlineData("0.0.0.0/0", "0.0.0.0/0")]
    [InlineData("", null)]
    [InlineData(" , ", null)]
    public void It_is_kept_in_one_form_and_without_what_meets(string typed, string? kept)
    {
        Assert.Equal(kept, AllowedSources.Normalize([typed]));
        IReadOnlyList<IPNetwork> read = AllowedSources.Read(kept);
        Assert.Equal(kept, AllowedSources.Normalize(AllowedSources.Texts(read)));
        Assert.All(read, one => Assert.Single(read, other => AllowedSources.Contain([other], one)));
    }

    [Theory]
    [InlineData("10.0.0.5/24", "10.0.0.0/24")]
    [InlineData("010.0.0.1", "Give 10.0.0.1.")]
    [InlineData("10.0.0.0/33", "0 to 32")]
    [InlineData("10.0.0.0/", "0 to 32")]
    [InlineData("10.0.0.0/8/8", "no address and no block")]
    [InlineData("lab.example.org", "a name")]
    [InlineData("fe80::1%eth0", "zone")]
    [InlineData("10.0.0.1-10.0.0.9", "addresses")]
    [InlineData("*", "addresses")]
    public void What_is_none_is_refused_with_the_reason(string typed, string said)
    {
        ScanEngineException refused = Assert.Throws<ScanEngineException>(() => AllowedSources.Normalize([typed]));
        Assert.Equal(FaultCode.AddressInvalid, refused.Code);
        Assert.Contains(said, $"{refused.Message} {refused.Recommendation}", StringComparison.Ordinal);
    }

    [Fact]
    public void More_blocks_than_a_rule_should_have_are_refused_and_what_cannot_be_read_opens_nothing()
    {
        Assert.Throws<ScanEngineException>(
            () => AllowedSources.Normalize(Enumerable.Range(0, 65).Select(i => $"10.0.{i}.1")));
        Assert.NotNull(AllowedSources.Normalize(Enumerable.Range(0, 64).Select(i => $"10.0.{i}.1")));
        Assert.Empty(AllowedSources.Read("10.0.0.0/8; reboot"));
        Assert.Empty(AllowedSources.Read("10.0.0.0/8,0.0.0.0/0x"));
    }
}
