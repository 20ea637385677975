using System.Text.Json;
using ScanEngineAdmin.Domain.Scans;

namespace ScanEngineAdmin.Export;

/// <summary>One object a line, names as they are usual in JSON, enums as words.</summary>
internal sealed class JsonFindings(Stream file) : IFindingWriter
{
    private static readonly byte[] LineEnd = [(byte)'\n'];
    private readonly Utf8JsonWriter _json = new(file);

    public void Begin(IReadOnlyList<ScanRecord> scans)
    {
    }

    public void Write(ScanRecord scan, Finding finding)
    {
        _json.WriteStartObject();
        _json.WriteString("scanId", scan.ScanId);
        _json.WriteString("engine", scan.EngineName);
        _json.WriteString("target", finding.Target);
        if (finding.Address is { } address)
        {
            _json.WriteString("address", address);
        }

        _json.WriteNumber("port", finding.Port);
        _json.WriteString("protocol", "tcp");
        _json.WriteString("state", Word(finding.State));
        if (finding.RoundTrip is { } time)
        {
            _json.WriteNumber("roundTripMs", Math.Round(time.TotalMilliseconds, 3));
        }

        if (finding.Banner is { } banner)
        {
            _json.WriteString("banner", banner);
        }

        if (finding.Found is { } found)
        {
            _json.WriteString("time", found.UtcDateTime);
        }

        _json.WriteEndObject();
        _json.Flush();
        file.Write(LineEnd);
        _json.Reset();
    }

    public void End() => file.Flush();

    public void Dispose()
    {
        _json.Dispose();
        file.Dispose();
    }

    private static string Word(PortState state) => state switch
    {
        PortState.Open => "open",
        PortState.Closed => "closed",
        _ => "filtered",
    };
}
