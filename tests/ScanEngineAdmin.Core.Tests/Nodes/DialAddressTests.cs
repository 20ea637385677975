using FsCheck;
using FsCheck.Fluent;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Text;

namespace ScanEngineAdmin.Core.Tests.Nodes;

public sealed class DialAddressTests
{
    [Theory]
    [InlineData("10.0.0.1", "10.0.0.1")]
    [InlineData(" 10.0.0.1\u00A0", "10.0.0.1")]
    [InlineData("\uFEFFlab-1.example.net\r\n", "lab-1.example.net")]
    [InlineData("security_console", "security_console")]
    [InlineData("srv\u201301", "srv-01")]
    [InlineData("host.", "host.")]
    [InlineData("2001:db8::1", "2001:db8::1")]
    [InlineData("fe80::1%1", "fe80::1%1")]
    [InlineData("::1", "::1")]
    [InlineData("::ffff:10.0.0.1", "::ffff:10.0.0.1")]
    public void What_can_be_dialled_is_dialled_as_it_was_meant(string typed, string dialled)
    {
        Assert.Equal(dialled, DialAddress.Validate(typed));
        Assert.True(DialAddress.IsValid(dialled));
    }

    [Theory]
    [InlineData("127.000.010.001", "'000' is padded with zeros", "Give 127.0.10.1.")]
    [InlineData("192.168.089.010", "'089' is padded with zeros", "Give 192.168.89.10.")]
    [InlineData("::ffff:010.0.0.1", "'010' is padded", null)]
    [InlineData("10.0.0.256", "256 is more than 255", null)]
    [InlineData("10.1", "four numbers, and this has 2", null)]
    [InlineData("0x7f.0.0.1", "no name ends in a number", null)]
    [InlineData("0x7f000001", "no name ends in a number", null)]
    [InlineData("2130706433", "it is a number", null)]
    [InlineData("0.0.0.0", "stands for every address", null)]
    [InlineData("::", "stands for every address", null)]
    [InlineData("::ffff:0.0.0.0", "stands for every address", null)]
    [InlineData("224.0.0.1", "multicast", null)]
    [InlineData("239.255.255.250", "multicast", null)]
    [InlineData("ff02::1", "multicast", null)]
    [InlineData("255.255.255.255", "broadcast", null)]
    [InlineData("10.0.0.1-5", "a range of addresses, not one host", null)]
    [InlineData("10.0.0.*", "a range of addresses, not one host", null)]
    [InlineData("10.0.0.0/24", "a / cannot stand", null)]
    [InlineData("10.0.0.1:40814", "a port cannot stand here", "Give 10.0.0.1.")]
    [InlineData("[::1]:40814", "the brackets belong to URLs", "Give ::1.")]
    [InlineData("https://console.example/", "it is a URL", "Give console.example.")]
    [InlineData("no address", "it has a blank inside", null)]
    [InlineData("a\u200Bb", "<U+200B>", null)]
    [InlineData("a..b", "missing beside a dot", null)]
    [InlineData("-a", "begins or ends with a hyphen", null)]
    [InlineData("", "it is empty", null)]
    [InlineData(" \u200B", "it is empty", null)]
    public void What_cannot_be_dialled_is_refused_for_its_own_reason(string typed, string why, string? advice)
    {
        var error = Assert.Throws<ScanEngineException>(() => DialAddress.Validate(typed));
        Assert.Equal(FaultCode.AddressInvalid, error.Code);
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
        Assert.False(DialAddress.IsValid(typed));
        if (advice is not null)
        {
            Assert.Equal(advice, error.Recommendation);
        }
    }

    [Theory]
    [InlineData("*", "::")]
    [InlineData("localhost", "127.0.0.1")]
    [InlineData(" 0.0.0.0 ", "0.0.0.0")]
    [InlineData("::1", "::1")]
    public void An_address_to_listen_at_is_read(string typed, string address) =>
        Assert.Equal(address, $"{ListenAddress.Read(typed)}");

    [Theory]
    [InlineData("127.000.000.001", "Give 127.0.0.1.")]
    [InlineData("127.1", "'::' for all")]
    [InlineData("host", "'::' for all")]
    public void One_that_is_none_is_refused(string typed, string advice)
    {
        var error = Assert.Throws<ScanEngineException>(() => ListenAddress.Read(typed));
        Assert.Equal((FaultCode.AddressInvalid, typed), (error.Code, error.Target));
        Assert.Contains(advice, error.Recommendation, StringComparison.Ordinal);
    }

    [Fact]
    public void A_long_name_and_a_long_part_of_it_are_refused()
    {
        Assert.True(DialAddress.IsValid($"{new string('a', 63)}.example"));
        Assert.False(DialAddress.IsValid($"{new string('a', 64)}.example"));
        Assert.False(DialAddress.IsValid(string.Join('.', Enumerable.Repeat(new string('a', 60), 5))));
    }

    [Fact]
    public void Of_any_text_what_is_shown_can_be_seen_and_what_is_taken_is_taken_again()
    {
        string alphabet = "0189abx.:-_%[]/*@ \t\n\u00a0\u200b\u202e\u2013\u00e9\ud83d\ude00\ufeff";
        Gen<string> text = Gen.ListOf(Gen.Elements(alphabet.ToCharArray())).Select(l => string.Concat(l));
        Prop.ForAll(text.ToArbitrary(), typed =>
        {
            bool seen = TypedText.Shown(typed).All(c => c >= ' ' && !"\u00a0\u200b\u202e\ufeff".Contains(c));
            try
            {
                string taken = DialAddress.Validate(typed);
                return seen && DialAddress.IsValid(taken) && DialAddress.Validate(taken) == taken;
            }
            catch (ScanEngineException e)
            {
                return seen && e.Code == FaultCode.AddressInvalid && !DialAddress.IsValid(typed);
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));
    }
}
