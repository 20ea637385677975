using System.Globalization;
using ScanEngineAdmin.Domain.Scans;

namespace ScanEngineAdmin.Export;

/// <summary>
/// RFC 4180, the same in every culture. A cell that a spreadsheet would run as a formula is made a text.
/// </summary>
internal sealed class CsvFindings(Stream file) : IFindingWriter
{
    private const string Iso = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    private readonly StreamWriter _writer = new(file) { NewLine = "\r\n" };

    public void Begin(IReadOnlyList<ScanRecord> scans) =>
        _writer.WriteLine("ScanId,EngineName,Target,Address,Port,Protocol,State,RoundTripMs,Banner,Time");

    public void Write(ScanRecord scan, Finding finding) => _writer.WriteLine(string.Join(
        ',',
        scan.ScanId,
        Cell(scan.EngineName),
        Cell(finding.Target),
        Cell(finding.Address),
        finding.Port.ToString(CultureInfo.InvariantCulture),
        "tcp",
        finding.State,
        finding.RoundTrip?.TotalMilliseconds.ToString("0.###", CultureInfo.InvariantCulture),
        Cell(finding.Banner),
        finding.Found?.UtcDateTime.ToString(Iso, CultureInfo.InvariantCulture)));

    public void End() => _writer.Flush();

    public void Dispose() => _writer.Dispose();

    // What a scanned host says is its own choice: =HYPERLINK(...) among it.
    private static string Cell(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return string.Empty;
        }

        string safe = text[0] is '=' or '+' or '-' or '@' or '\t' or '\r' ? "'" + text : text;
        return safe.AsSpan().IndexOfAny(",\"\r\n") < 0
            ? safe
            : $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}
