using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Scanning.Ports;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Scans;

public sealed class ServiceListTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Names_of_services_are_ports_and_numbers_stay_numbers()
    {
        ServiceList list = System("""
            # a comment
            ssh             22/tcp
            domain          53/udp
            https           443/tcp  www-ssl   # the web
            http-alt        8080/tcp webcache
            nonsense        99999/tcp
            """);
        Assert.Equal("22,80,443,8000-8100", Typed(list, "ssh", "WWW-SSL;80", "8000 - 8100, http-alt"));
        Assert.Equal("22,443", Typed(list, "22", 443));
        foreach (string none in new[] { "domain", "telnet", "nonsense", "ssh-https", "U:80" })
        {
            var error = Assert.Throws<ScanEngineException>(() => Typed(list, none));
            Assert.Equal((FaultCode.PortRangeInvalid, none), (error.Code, error.Target));
        }
    }

    [Fact]
    public void A_peer_cannot_name_services()
    {
        Assert.Throws<ScanEngineException>(() => PortList.Parse("ssh"));
    }

    [Fact]
    public void The_ranking_is_by_frequency_where_it_is_known_and_says_where_it_is_from()
    {
        string ranked = Write("nmap-services", """
            http    80/tcp  0.484143        # World Wide Web HTTP
            unknown 7/tcp   0.100000
            ssh     22/tcp  0.182286
            https   443/tcp 0.208669
            telnet  23/udp  0.9
            """);
        string plain = Write("services", """
            other   1/tcp
            ssh     2222/tcp
            """);
        var list = ServiceList.Load([Path.Combine(_folder.Path, "none"), ranked, plain]);
        Assert.Equal("22,80,443", list.Top(3).ToString());
        Assert.Equal(ranked, list.RankedBy);
        Assert.Equal((22, 1, null), (list.Find("SSH"), list.Find("other"), list.Find("unknown")));
        Assert.Contains(
            "has 4", Assert.Throws<ScanEngineException>(() => list.Top(5)).Message, StringComparison.Ordinal);
        Assert.Throws<ScanEngineException>(() => list.Top(0));

        Assert.Equal("1", ServiceList.Load([plain]).Top(1).ToString());
        var error = Assert.Throws<ScanEngineException>(() => ServiceList.Load([]).Top(1));
        Assert.Contains("no list of services", error.Message, StringComparison.Ordinal);
    }

    private static string Typed(ServiceList list, params object[] ports) =>
        PortList.ParseTyped(ports, list).ToString();

    private ServiceList System(string text) => ServiceList.Load([Write("services", text)]);

    private string Write(string name, string text)
    {
        string path = Path.Combine(_folder.Path, name);
        File.WriteAllText(path, text);
        return path;
    }
}
