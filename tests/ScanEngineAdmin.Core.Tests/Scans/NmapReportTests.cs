using System.Net;
using System.Text;
using System.Xml;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Scanning.Nmap;

namespace ScanEngineAdmin.Core.Tests.Scans;

/// <summary>What a scanned host has a say in is read as data, or not at all.</summary>
public sealed class NmapReportTests
{
    private const string End = "<runstats><finished exit=\"success\"/></runstats></nmaprun>";
    private static readonly IPAddress Asked = IPAddress.Parse("10.0.0.1");

    [Theory]
    [InlineData("name=\"ssh\" product=\"OpenSSH\" version=\"9.2p1\" extrainfo=\"protocol 2.0\" method=\"probed\"",
        "ssh: OpenSSH 9.2p1 (protocol 2.0)")]
    [InlineData("name=\"http\" tunnel=\"ssl\" product=\"nginx\"", "ssl/http: nginx")]
    [InlineData("name=\"ssh\" method=\"table\"", "ssh?")]
    [InlineData("name=\"x\" product=\"&#x1b;[2J&#xA;&#x202E;\"", "x: \\x1B[2J\\n\\xE2\\x80\\xAE")]
    public void A_service_is_one_line_without_anything_that_moves_a_cursor(string service, string said)
    {
        NmapReport report = Read(Host($"<port protocol=\"tcp\" portid=\"22\"><state state=\"open\"/><service {service}/></port>"));

        Assert.Equal((PortState.Open, said), report[Asked]![22]);
        Assert.Null(report[Asked]![23]);
    }

    [Fact]
    public void A_service_is_cut_to_what_a_banner_may_have()
    {
        NmapReport report = Read(Host(
            "<port protocol=\"tcp\" portid=\"22\"><state state=\"open\"/>"
            + $"<service name=\"x\" product=\"{new string('\u00e9', 5_000)}\"/></port>"));

        Assert.InRange(Encoding.UTF8.GetByteCount(report[Asked]![22]!.Value.Service!), 1, ScanLimits.MaxBannerBytes);
    }

    [Fact]
    public void Ports_that_are_not_listed_have_the_state_that_their_reasons_list()
    {
        NmapReport report = Read(Host("""
            <extraports state="closed" count="2"><extrareasons reason="conn-refused" count="2" ports="1-2"/></extraports>
            <extraports state="filtered" count="1"><extrareasons reason="no-response" count="1" ports="3"/></extraports>
            """));

        Assert.Equal((PortState.Closed, null), report[Asked]![2]);
        Assert.Equal((PortState.Filtered, null), report[Asked]![3]);
    }

    [Fact]
    public void Without_a_list_one_state_is_that_of_all_and_two_are_nobodys()
    {
        Assert.Equal(
            (PortState.Closed, null), Read(Host("<extraports state=\"closed\" count=\"9\"/>"))[Asked]![5]);
        Assert.Null(Read(Host("<extraports state=\"closed\"/><extraports state=\"filtered\"/>"))[Asked]![5]);
    }

    [Fact]
    public void A_host_that_took_too_long_is_not_there()
    {
        string host = Host("<port protocol=\"tcp\" portid=\"22\"><state state=\"open\"/></port>")
            .Replace("<host>", "<host timedout=\"true\">", StringComparison.Ordinal);

        Assert.Null(Read(host)[Asked]);
    }

    [Theory]
    [InlineData("<!DOCTYPE nmaprun [<!ENTITY a \"x\">]><nmaprun>&a;" + End)]
    [InlineData("<!DOCTYPE nmaprun [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><nmaprun args=\"&a;\">" + End)]
    [InlineData("<nmaprun>&a;" + End)]
    [InlineData("<nmaprun>")]
    [InlineData("<nmaprun></nmaprun>trailing")]
    [InlineData("")]
    [InlineData("Starting Nmap")]
    public void What_is_no_xml_of_its_own_is_refused(string xml) =>
        Assert.ThrowsAny<XmlException>(() => ReadAll(xml));

    [Theory]
    [InlineData("<host><address addr=\"10.0.0.2\" addrtype=\"ipv4\"/></host>")]
    [InlineData("<host><address addr=\"no address\" addrtype=\"ipv4\"/></host>")]
    [InlineData("<host><status/></host>")]
    [InlineData("<host><address addr=\"10.0.0.1\" addrtype=\"ipv4\"/><ports><port protocol=\"udp\" portid=\"1\"/></ports></host>")]
    [InlineData("<host><address addr=\"10.0.0.1\" addrtype=\"ipv4\"/><ports><port protocol=\"tcp\" portid=\"70000\"/></ports></host>")]
    [InlineData("<host><address addr=\"10.0.0.1\" addrtype=\"ipv4\"/><ports><extraports state=\"closed\">"
        + "<extrareasons ports=\"1-99999999\"/></extraports></ports></host>")]
    public void What_nmap_would_not_say_of_the_hosts_that_were_asked_is_refused(string host) =>
        Assert.Throws<FormatException>(() => Read(host));

    [Theory]
    [InlineData("<other>" + "<x/></other>")]
    [InlineData("<nmaprun><runstats><finished exit=\"error\" errormsg=\"no\"/></runstats></nmaprun>")]
    [InlineData("<nmaprun></nmaprun>")]
    public void A_report_that_does_not_end_well_is_refused(string xml) =>
        Assert.Throws<FormatException>(() => ReadAll(xml));

    [Fact]
    public void Depth_and_length_are_bounded()
    {
        string deep = string.Concat(Enumerable.Repeat("<table>", 100)) + string.Concat(Enumerable.Repeat("</table>", 100));
        Assert.Throws<FormatException>(() => Read(deep));
        Assert.Throws<FormatException>(() => Read($"<host>{deep}</host>"));
        Assert.ThrowsAny<XmlException>(() => Read(new string(' ', 200_000)));
    }

    private static string Host(string ports) =>
        $"<host><address addr=\"{Asked}\" addrtype=\"ipv4\"/><ports>{ports}</ports></host>";

    private static NmapReport Read(string hosts) => ReadAll("<?xml version=\"1.0\"?><!DOCTYPE nmaprun><nmaprun>" + hosts + End);

    private static NmapReport ReadAll(string xml) => NmapReport.Read(
        new MemoryStream(Encoding.UTF8.GetBytes(xml)), new HashSet<IPAddress> { Asked }, mostCharacters: 100_000);
}
