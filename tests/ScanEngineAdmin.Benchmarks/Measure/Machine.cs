using System.Globalization;
using System.Runtime.InteropServices;

namespace ScanEngineAdmin.Benchmarks.Measure;

/// <summary>What a run was measured on.</summary>
internal static class Machine
{
    public static string Describe(Options options) => string.Create(
        CultureInfo.InvariantCulture,
        $"{Environment.ProcessorCount} processors, {Cpu()}, {RuntimeInformation.OSDescription}, "
            + $".NET {Environment.Version}, {Configuration}, load {Load()}, {DateTime.UtcNow:yyyy-MM-dd HH:mm} UTC, "
            + $"{(options.Quick ? "quick: the ratios mean nothing" : $"{options.Rounds} rounds")}");

    private static string Configuration =>
#if DEBUG
        "Debug (measure with -c Release)";
#else
        "Release";
#endif

    private static string Cpu()
    {
        const string Name = "model name";
        return File.Exists("/proc/cpuinfo")
            && File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith(Name, StringComparison.Ordinal))
                is { } line
            ? line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim()
            : RuntimeInformation.ProcessArchitecture.ToString();
    }

    private static string Load() =>
        File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "unknown";
}
