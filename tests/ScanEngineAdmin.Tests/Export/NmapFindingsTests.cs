using System.Xml.Linq;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Export;

namespace ScanEngineAdmin.Tests.Export;

/// <summary>What nmap said of a service goes back into nmap's words; what a port said stays a banner.</summary>
public sealed class NmapFindingsTests
{
    [Theory]
    [InlineData("ssh: OpenSSH 9.2p1 (protocol 2.0)", "ssh", "OpenSSH 9.2p1 (protocol 2.0)", null, "probed")]
    [InlineData("ssl/http: nginx", "http", "nginx", "ssl", "probed")]
    [InlineData("ssh?", "ssh", null, null, "table")]
    [InlineData("tcpwrapped", "tcpwrapped", null, null, "probed")]
    public void A_service_has_its_name_and_product(
        string said, string name, string? product, string? tunnel, string method)
    {
        XElement port = Written(ScannerKind.Nmap, said);

        XElement service = port.Element("service")!;
        Assert.Equal(
            (name, product, tunnel, method),
            ((string?)service.Attribute("name"), (string?)service.Attribute("product"),
                (string?)service.Attribute("tunnel"), (string?)service.Attribute("method")));
        Assert.Null(port.Element("script"));
    }

    [Fact]
    public void A_banner_is_no_service()
    {
        XElement port = Written(ScannerKind.Connect, "ssh: hello");

        Assert.Equal("ssh: hello", (string?)port.Element("script")!.Attribute("output"));
        Assert.Null(port.Element("service"));
    }

    private static XElement Written(ScannerKind scanner, string said)
    {
        var scan = new ScanRecord
        {
            ScanId = Guid.NewGuid(),
            PairingId = Guid.NewGuid(),
            EngineName = "lab-1",
            Request = new ScanRequest { Targets = ["192.0.2.1"], Ports = "22", Scanner = scanner },
            State = ScanState.Completed,
            Queued = DateTimeOffset.UnixEpoch,
        };
        using var file = new MemoryStream();
        using (var writer = new NmapFindings(file))
        {
            writer.Begin([scan]);
            writer.Write(scan, new Finding(0, "192.0.2.1", 22, PortState.Open, null, said));
            writer.End();
        }

        using var written = new MemoryStream(file.ToArray());
        return XDocument.Load(written).Descendants("port").Single();
    }
}
