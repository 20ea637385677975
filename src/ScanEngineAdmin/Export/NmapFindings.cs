using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Reflection;
using System.Xml;
using ScanEngineAdmin.Domain.Scans;

namespace ScanEngineAdmin.Export;

/// <summary>
/// nmap's XML output (nmap.dtd, version 1.05), as much of it as a scan knows: hosts, ports, states, banners, services.
/// </summary>
internal sealed class NmapFindings(Stream file) : IFindingWriter
{
    private const string TimeText = "ddd MMM d HH:mm:ss yyyy";

    private readonly XmlWriter _xml = XmlWriter.Create(
        file, new XmlWriterSettings { Indent = true, CloseOutput = true, CheckCharacters = false });

    private (Guid Scan, string Target, string? Address)? _host;
    private DateTimeOffset _started;
    private DateTimeOffset _finished;
    private int _hosts;

    public void Begin(IReadOnlyList<ScanRecord> scans)
    {
        _started = scans.Count == 0 ? DateTimeOffset.Now : scans.Min(scan => scan.Started ?? scan.Queued);
        _finished = scans.Count == 0 ? _started : scans.Max(scan => scan.Finished ?? DateTimeOffset.Now);
        string engines = string.Join(", ", scans.Select(scan => scan.EngineName).Distinct());
        string version = typeof(NmapFindings).Assembly
            .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";
        _xml.WriteStartDocument();
        _xml.WriteDocType("nmaprun", null, null, null);
        _xml.WriteStartElement("nmaprun");
        Write("scanner", "ScanEngineAdmin", "args", $"Start-EngineScan (engine {engines})");
        Write("start", Epoch(_started), "startstr", Text(_started));
        Write("version", version, "xmloutputversion", "1.05");
        foreach (string ports in scans.Select(scan => scan.Request.Ports).Distinct())
        {
            _xml.WriteStartElement("scaninfo");
            Write("type", "connect", "protocol", "tcp");
            Write("numservices", Count(ports), "services", ports);
            _xml.WriteEndElement();
        }
    }

    public void Write(ScanRecord scan, Finding finding)
    {
        // A name may mean another address when the scan goes on after a break: that is another host.
        if (_host != (scan.ScanId, finding.Target, finding.Address))
        {
            EndHost();
            BeginHost(scan, finding);
        }

        (string state, string reason) = finding.State switch
        {
            PortState.Open => ("open", "syn-ack"),
            PortState.Closed => ("closed", "conn-refused"),
            _ => ("filtered", "no-response"),
        };
        _xml.WriteStartElement("port");
        Write("protocol", "tcp", "portid", finding.Port.ToString(CultureInfo.InvariantCulture));
        _xml.WriteStartElement("state");
        Write("state", state, "reason", reason);
        Write("reason_ttl", "0");
        _xml.WriteEndElement();
        if (finding.Banner is { } service && scan.Request.Scanner == ScannerKind.Nmap)
        {
            WriteService(service);
        }
        else if (finding.Banner is { } banner)
        {
            _xml.WriteStartElement("script");
            Write("id", "banner", "output", Plain(banner));
            _xml.WriteEndElement();
        }

        _xml.WriteEndElement();
    }

    /// <summary>What nmap said, in nmap's own words: name, then product, version and more.</summary>
    private void WriteService(string said)
    {
        string[] parts = said.Split(": ", 2);
        bool guessed = parts[0].EndsWith('?');
        bool tunnel = parts[0].StartsWith("ssl/", StringComparison.Ordinal);
        _xml.WriteStartElement("service");
        Write("name", Plain(parts[0].TrimEnd('?')[(tunnel ? 4 : 0)..]));
        if (parts.Length > 1)
        {
            Write("product", Plain(parts[1]));
        }

        if (tunnel)
        {
            Write("tunnel", "ssl");
        }

        Write("method", guessed ? "table" : "probed", "conf", guessed ? "3" : "10");
        _xml.WriteEndElement();
    }

    public void End()
    {
        EndHost();
        double elapsed = (_finished - _started).TotalSeconds;
        string hosts = _hosts.ToString(CultureInfo.InvariantCulture);
        _xml.WriteStartElement("runstats");
        _xml.WriteStartElement("finished");
        Write("time", Epoch(_finished), "timestr", Text(_finished));
        Write("elapsed", elapsed.ToString("0.00", CultureInfo.InvariantCulture));
        Write("summary", $"ScanEngineAdmin: {hosts} hosts", "exit", "success");
        _xml.WriteEndElement();
        _xml.WriteStartElement("hosts");
        Write("up", hosts, "down", "0");
        Write("total", hosts);
        _xml.WriteEndElement();
        _xml.WriteEndElement();
        _xml.WriteEndElement();
        _xml.WriteEndDocument();
        _xml.Flush();
    }

    public void Dispose() => _xml.Dispose();

    private void BeginHost(ScanRecord scan, Finding finding)
    {
        _host = (scan.ScanId, finding.Target, finding.Address);
        _hosts++;
        _xml.WriteStartElement("host");
        Write("starttime", Epoch(finding.Found ?? scan.Started ?? scan.Queued));
        Write("endtime", Epoch(scan.Finished ?? _finished));
        _xml.WriteStartElement("status");
        Write("state", "up", "reason", "user-set");
        Write("reason_ttl", "0");
        _xml.WriteEndElement();
        if (IPAddress.TryParse(finding.Address, out IPAddress? address))
        {
            _xml.WriteStartElement("address");
            Write("addr", finding.Address);
            Write("addrtype", address.AddressFamily == AddressFamily.InterNetworkV6 ? "ipv6" : "ipv4");
            _xml.WriteEndElement();
        }

        _xml.WriteStartElement("hostnames");
        if (finding.Target != finding.Address)
        {
            _xml.WriteStartElement("hostname");
            Write("name", finding.Target, "type", "user");
            _xml.WriteEndElement();
        }

        _xml.WriteEndElement();
        _xml.WriteStartElement("ports");
    }

    private void EndHost()
    {
        if (_host is not null)
        {
            _xml.WriteEndElement();
            _xml.WriteEndElement();
            _host = null;
        }
    }

    private void Write(string name, string value) => _xml.WriteAttributeString(name, value);

    private void Write(string name, string value, string second, string secondValue)
    {
        Write(name, value);
        Write(second, secondValue);
    }

    private static string Epoch(DateTimeOffset time) =>
        time.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);

    private static string Text(DateTimeOffset time) =>
        time.LocalDateTime.ToString(TimeText, CultureInfo.InvariantCulture);

    // XML cannot hold every character; banners have theirs escaped already.
    private static string Plain(string text) =>
        string.Concat(text.Select(c => XmlConvert.IsXmlChar(c) || char.IsSurrogate(c) ? c : '?'));

    private static string Count(string ports) => ports.Split(',').Sum(
        part => part.Split('-') is [string first, string last]
            ? int.Parse(last, CultureInfo.InvariantCulture) - int.Parse(first, CultureInfo.InvariantCulture) + 1
            : 1).ToString(CultureInfo.InvariantCulture);
}
