using System.Globalization;
using System.Net;
using System.Text;
using System.Xml;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Scanning.Ports;

namespace ScanEngineAdmin.Scanning.Nmap;

/// <summary>
/// What one run of nmap found, from the XML that nmap writes. Scanned hosts decide a part of that text: no document type
/// is read, nothing is resolved, and the length, the depth, the hosts and the ports are bounded.
/// </summary>
internal sealed class NmapReport
{
    private const int MaxDepth = 64;
    private readonly Dictionary<IPAddress, NmapHost> _hosts = [];

    private NmapReport()
    {
    }

    /// <summary>It says nothing of any address.</summary>
    public static NmapReport Empty => new();

    /// <summary>What is said of an address; null for one that was not finished in time.</summary>
    public NmapHost? this[IPAddress address] => _hosts.GetValueOrDefault(address);

    /// <summary>Reads to the end.</summary>
    /// <exception cref="XmlException">It is not XML, is longer than allowed, or ends early.</exception>
    /// <exception cref="FormatException">It is not what nmap says of these addresses, or nmap says that it failed.</exception>
    public static NmapReport Read(Stream xml, IReadOnlyCollection<IPAddress> asked, long mostCharacters)
    {
        using var reader = XmlReader.Create(xml, new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Ignore,
            XmlResolver = null,
            MaxCharactersInDocument = mostCharacters,
            MaxCharactersFromEntities = 1024,
            CheckCharacters = false,
            IgnoreComments = true,
            IgnoreProcessingInstructions = true,
            IgnoreWhitespace = true,
            CloseInput = false,
        });
        var report = new NmapReport();
        bool succeeded = false;
        while (reader.Read())
        {
            if (reader.NodeType != XmlNodeType.Element)
            {
                continue;
            }

            Require(reader.Depth <= MaxDepth, "it is nested too deeply");
            switch (reader.Name, reader.Depth)
            {
                case (var root, 0):
                    Require(root == "nmaprun", "it is no report of nmap");
                    break;
                case ("host", 1) when !reader.IsEmptyElement:
                    report.ReadHost(reader, asked);
                    break;
                case ("finished", 2):
                    succeeded = reader.GetAttribute("exit") == "success";
                    break;
            }
        }

        Require(succeeded, "it does not say that nmap succeeded");
        return report;
    }

    private void ReadHost(XmlReader reader, IReadOnlyCollection<IPAddress> asked)
    {
        bool timedOut = reader.GetAttribute("timedout") == "true";
        IPAddress? address = null;
        var host = new NmapHost();
        while (reader.Read() && reader.Depth > 1)
        {
            if (reader.NodeType != XmlNodeType.Element)
            {
                continue;
            }

            Require(reader.Depth <= MaxDepth, "it is nested too deeply");
            switch (reader.Name, reader.Depth)
            {
                case ("address", 2) when reader.GetAttribute("addrtype") is "ipv4" or "ipv6":
                    _ = IPAddress.TryParse(reader.GetAttribute("addr"), out address);
                    break;
                case ("port", 3):
                    Require(reader.GetAttribute("protocol") == "tcp", "a port is none of TCP");
                    host.Begin(Number(reader.GetAttribute("portid")));
                    break;
                case ("state", 4):
                    host.State(State(reader.GetAttribute("state")));
                    break;
                case ("service", 4):
                    host.Service(Service(reader));
                    break;
                case ("extraports", 3):
                    host.Others(State(reader.GetAttribute("state")), null);
                    break;
                case ("extrareasons", 4) when reader.GetAttribute("ports") is { Length: > 0 } ports:
                    host.Others(null, Ports(ports));
                    break;
            }
        }

        Require(address is not null && asked.Contains(address), "a host is none of those that were asked");
        if (!timedOut)
        {
            _hosts[address!] = host;
        }
    }

    private static PortState State(string? text) => text switch
    {
        "open" => PortState.Open,
        "closed" => PortState.Closed,
        _ => PortState.Filtered,
    };

    /// <summary>As nmap's own table has it: "ssl/http: nginx 1.22.1 (extra)", "ssh?" where only the port says so.</summary>
    private static string? Service(XmlReader reader)
    {
        var text = new StringBuilder();
        text.Append(reader.GetAttribute("tunnel") == "ssl" ? "ssl/" : string.Empty).Append(reader.GetAttribute("name"))
            .Append(reader.GetAttribute("method") == "table" ? "?" : string.Empty);
        string version = string.Join(' ', new[]
        {
            reader.GetAttribute("product"),
            reader.GetAttribute("version"),
            reader.GetAttribute("extrainfo") is { Length: > 0 } extra ? $"({extra})" : null,
        }.Where(static part => !string.IsNullOrEmpty(part)));
        text.Append(version.Length > 0 ? ": " : string.Empty).Append(version);
        byte[] bytes = Encoding.UTF8.GetBytes(text.ToString());
        return BannerText.From(bytes.AsSpan(0, Math.Min(bytes.Length, BannerText.MaxRead)));
    }

    private static int Number(string? text)
    {
        Require(
            int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int port) && port is >= 1 and <= 65_535,
            "a port is no number");
        return port;
    }

    private static PortList Ports(string text)
    {
        try
        {
            return PortList.Parse(text);
        }
        catch (Domain.Faults.ScanEngineException e)
        {
            throw new FormatException("a list of ports is none", e);
        }
    }

    private static void Require(bool condition, string what)
    {
        if (!condition)
        {
            throw new FormatException(what);
        }
    }
}
