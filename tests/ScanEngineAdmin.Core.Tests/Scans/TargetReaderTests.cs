using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Scanning.Targets;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Scans;

/// <summary>What is wrong with a target is said of that very text, with its place and what was meant.</summary>
public sealed class TargetReaderTests
{
    [Theory]
    [InlineData("010.000.000.001", "'010' is padded with zeros", "Give 10.0.0.1.")]
    [InlineData("10.0.0.256", "256 is more than 255", null)]
    [InlineData("10.0.0", "four numbers, and this has 3", null)]
    [InlineData("10.0..1", "a number is missing beside a dot", null)]
    [InlineData("1234", "it is a number", null)]
    [InlineData("10.0.0.1-10.0.0.010", "after the -, '010' is padded", "Give 10.0.0.1-10.0.0.10.")]
    [InlineData("10.0.0.1-09", "its end '09' is padded", "Give 10.0.0.1-9.")]
    [InlineData("10.0.0.1-300", "a number from 0 to 255, and 300 is neither", null)]
    [InlineData("10.0.0.9-1", "its end is below its start", "Give 10.0.0.1-10.0.0.9.")]
    [InlineData("010.0.0.0/8", "before the /, '010' is padded", "Give 10.0.0.0/8.")]
    [InlineData("10.0.0.0/255.255.255.0", "a mask, not a number of bits", "Give 10.0.0.0/24.")]
    [InlineData("10.0-3.0.1-300", "300 is more than 255", null)]
    [InlineData("10.9-3.0.1", "the end of '9-3' is below its start", null)]
    [InlineData("https://db.example:8443/x", "it is a URL", "Give db.example.")]
    [InlineData("db.example:22", "a port cannot stand here", "Give db.example.")]
    [InlineData("[2001:db8::1]", "the brackets belong to URLs", "Give 2001:db8::1.")]
    [InlineData("fe80::1%1", "a zone cannot stand here", null)]
    [InlineData("ho$t", "'$' cannot stand in the name of a host", null)]
    [InlineData("*.example", "no wildcard", null)]
    [InlineData("b\u00FCro", "its xn-- form", "Give xn--bro-hoa.")]
    [InlineData("a\u200Bb", "cannot be seen, <U+200B>", null)]
    [InlineData("0x7f000001", "no name ends in a number", null)]
    [InlineData("srv.0x1", "no name ends in a number", null)]
    [InlineData("10.0.0.7 255.255.255.0", "a network and its mask", "Give 10.0.0.0/24.")]
    [InlineData("10.0.0.0 0.0.255.255", "a network and its mask", "Give 10.0.0.0/16.")]
    [InlineData("10.0.0.1 to 10.0.0.9", "a range is written with a dash", "Give 10.0.0.1-10.0.0.9.")]
    [InlineData("2001:db8::1 Bis 2001:db8::9", "a range is written with a dash", "Give 2001:db8::1-2001:db8::9.")]
    public void The_reason_is_that_of_the_text(string typed, string why, string? advice)
    {
        var error = Assert.Throws<ScanEngineException>(() => TargetReader.Read([typed]));
        Assert.Equal(FaultCode.TargetInvalid, error.Code);
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
        if (advice is not null)
        {
            Assert.Equal(advice, error.Recommendation);
        }
    }

    [Theory]
    [InlineData("\"10.0.0.1\"", "10.0.0.1")]
    [InlineData("'10.0.0.1", "10.0.0.1")]
    [InlineData("\u201C10.0.0.1 \u2013 10.0.0.4\u201D", "10.0.0.1-10.0.0.4")]
    [InlineData("\"10.0.0.1\",\"srv_1\";\"\"", "10.0.0.1|srv_1")]
    [InlineData("10.0.0.1 to", "10.0.0.1|to")]
    [InlineData("10.0.0.1 web 10.0.0.2", "10.0.0.1|web|10.0.0.2")]
    public void What_stands_around_and_between_targets_is_none(string typed, string read) =>
        Assert.Equal(read.Split('|'), TargetReader.Read([typed]).Select(one => one.Text));

    [Theory]
    [InlineData("0.0.0.0", "every address of a host")]
    [InlineData("::", "every address of a host")]
    [InlineData("::ffff:0.0.0.0", "every address of a host")]
    [InlineData("255.255.255.255", "the broadcast address")]
    [InlineData("224.0.0.0/24", "a multicast address")]
    [InlineData("239.1.2.3-9", "a multicast address")]
    [InlineData("ff02::1", "a multicast address")]
    public void What_no_host_has_is_not_scanned_and_may_be_denied(string typed, string why)
    {
        var error = Assert.Throws<ScanEngineException>(() => TargetReader.Read(["10.0.0.1", typed], toScan: true));
        Assert.Contains($"{why}", error.Message, StringComparison.Ordinal);
        Assert.Contains("(item 2)", error.Message, StringComparison.Ordinal);
        Assert.Equal([typed], TargetPolicy.Typed([typed], "-Deny"));
    }

    [Fact]
    public void A_policy_is_a_list_too_but_not_one_of_nothing()
    {
        Assert.Equal(["10.0.0.0/8", "192.168.0.0/16"], TargetPolicy.Typed(["10.0.0.0/8, 192.168.0.0/16 # ours"], "-Allow"));
        Assert.Empty(TargetPolicy.Typed([], "-Allow"));
        foreach (string nothing in new[] { "", " ", "# none", "\"\"" })
        {
            Assert.Equal(
                FaultCode.TargetInvalid,
                Assert.Throws<ScanEngineException>(() => TargetPolicy.Typed([nothing], "-Allow")).Code);
        }
    }

    [Fact]
    public void What_cannot_be_seen_is_shown_and_the_place_is_named()
    {
        var error = Assert.Throws<ScanEngineException>(
            () => TargetReader.Read(["10.0.0.1", "a\u200Bb", "c\nd:e:f", "10.0.0.2"]));
        Assert.Contains("'a<U+200B>b' (item 2) cannot", error.Message, StringComparison.Ordinal);
        Assert.Contains("'d:e:f' (item 3, line 2)", error.Message, StringComparison.Ordinal);

        error = Assert.Throws<ScanEngineException>(() => TargetReader.Read(["10.0.0.1\n\n10.0.0.300 # db"]));
        Assert.Contains("'10.0.0.300' (line 3) cannot", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_as_people_have_it_is_read_and_a_line_of_it_is_named()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "hosts.txt");
        File.WriteAllText(path, "\uFEFF# hosts\r\n10.0.0.1\r\n\r\n10.0.0.2 ; 10.0.0.3\u00A0\r\nweb_1 # x\r\n");
        Assert.Equal(["10.0.0.1", "10.0.0.2", "10.0.0.3", "web_1"], TargetFile.Read(path));

        File.WriteAllText(path, "10.0.0.1\r\n\r\n10.0.0.02\r\n", System.Text.Encoding.Unicode);
        var error = Assert.Throws<ScanEngineException>(() => TargetFile.Read(path));
        Assert.Contains("(hosts.txt, line 3)", error.Message, StringComparison.Ordinal);
        Assert.Equal("Give 10.0.0.2.", error.Recommendation);

        error = Assert.Throws<ScanEngineException>(() => TargetFile.Read(path + ".none"));
        Assert.Equal(FaultCode.TargetInvalid, error.Code);
        Assert.Contains("hosts.txt.none", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_list_without_an_end_is_given_up()
    {
        int given = 0;
        Assert.Equal(
            FaultCode.TooManyTargets,
            Assert.Throws<ScanEngineException>(() => TargetReader.Read(Endless())).Code);
        Assert.InRange(given, 1, ScanLimits.MaxTargetTexts + 2);

        IEnumerable<string> Endless()
        {
            while (true)
            {
                given++;
                yield return "10.0.0.1";
            }
        }
    }
}
