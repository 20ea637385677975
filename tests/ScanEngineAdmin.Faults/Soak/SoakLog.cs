namespace ScanEngineAdmin.Faults.Soak;

/// <summary>What a node's log must not hold, whatever happens outside of it.</summary>
internal static class SoakLog
{
    private static readonly string[] Flaws =
        ["Unhandled exception", "\"event\":\"LinkFault\"", "InternalError", "\"event\":\"ScanDataRefused\"",
            "\"event\":\"ScanLostAtEngine\"", "\"event\":\"ScanInterrupted\"", "\"event\":\"IdentityTwice\""];

    public static IEnumerable<string> Faults(SoakHost host) =>
        from flaw in Flaws
        let lines = File.ReadLines(host.LogFile).Where(line => line.Contains(flaw, StringComparison.Ordinal)).ToArray()
        where lines.Length > 0
        select $"{host.Name}'s log says {lines.Length} times: {lines[0]}";
}
