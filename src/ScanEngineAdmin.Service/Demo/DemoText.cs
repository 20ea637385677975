using System.Globalization;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Scans;

namespace ScanEngineAdmin.Service.Demo;

/// <summary>What the demo prints.</summary>
internal static class DemoText
{
    public static string Arrow(CommunicationDirection direction, int enginePort, int consolePort) =>
        direction == CommunicationDirection.ConsoleToEngine
            ? $"console ──{enginePort}──▶ engine"
            : $"console ◀──{consolePort}── engine";

    public static string Status(EngineRecord engine, int consolePort) => Table(
        ["Name", "Direction", "Communication", "Status", "LastContact", "NextExpected", "Detail"],
        [[
            engine.Name,
            engine.Direction.ToString(),
            Arrow(engine.Direction, engine.Port, consolePort),
            engine.Status.ToString(),
            Time(engine.LastContact),
            Time(engine.NextExpected),
            engine.StatusDetail,
        ]]);

    public static string Findings(IEnumerable<Finding> findings) => Table(
        ["Target", "Port", "State", "RoundTrip", "Banner"],
        findings.Select(finding => new[]
        {
            finding.Target,
            finding.Port.ToString(CultureInfo.InvariantCulture),
            finding.State.ToString(),
            finding.RoundTrip is { } trip
                ? string.Create(CultureInfo.InvariantCulture, $"{trip.TotalMilliseconds:0.00} ms")
                : string.Empty,
            finding.Banner ?? string.Empty,
        }));

    private static string Time(DateTimeOffset? time) =>
        time?.ToUniversalTime().ToString("HH:mm:ss'Z'", CultureInfo.InvariantCulture) ?? "-";

    private static string Table(string[] heads, IEnumerable<string[]> rows)
    {
        string[][] all = [heads, .. rows];
        int[] widths = heads.Select((_, column) => all.Max(row => row[column].Length)).ToArray();
        IEnumerable<string> lines = all.Select(row =>
            "  " + string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        return string.Join(Environment.NewLine, lines);
    }
}
