using System.Globalization;

namespace ScanEngineAdmin.Benchmarks.Measure;

/// <summary>What a process has used until now.</summary>
internal readonly record struct Use(double CpuSeconds, long Allocated, long AnonymousBytes)
{
    /// <summary>Of this process.</summary>
    public static Use Now() => new(
        Environment.CpuUsage.TotalTime.TotalSeconds, GC.GetTotalAllocatedBytes(), Anonymous(Environment.ProcessId));

    public static Use operator -(Use later, Use earlier) => new(
        later.CpuSeconds - earlier.CpuSeconds,
        later.Allocated - earlier.Allocated,
        later.AnonymousBytes - earlier.AnonymousBytes);

    /// <summary>The private memory that is in RAM; 0 where the system does not tell.</summary>
    public static long Anonymous(int process)
    {
        string status = FormattableString.Invariant($"/proc/{process}/status");
        string? line = File.Exists(status)
            ? File.ReadLines(status).FirstOrDefault(line => line.StartsWith("RssAnon:", StringComparison.Ordinal))
            : null;
        return line is null
            ? 0
            : 1024 * long.Parse(
                line["RssAnon:".Length..].Replace("kB", null, StringComparison.Ordinal), CultureInfo.InvariantCulture);
    }

    /// <summary>The processor time of another process.</summary>
    public static double CpuOf(int process)
    {
        using var other = System.Diagnostics.Process.GetProcessById(process);
        return other.TotalProcessorTime.TotalSeconds;
    }

    /// <summary>What has passed the loopback device of the network namespace that a process is in; both ends' bytes.</summary>
    public static long LoopbackBytes(int process)
    {
        string line = File.ReadLines(FormattableString.Invariant($"/proc/{process}/net/dev"))
            .First(static line => line.TrimStart().StartsWith("lo:", StringComparison.Ordinal));
        return long.Parse(
            line.Split([' ', ':'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }

    public string Write() => FormattableString.Invariant($"{CpuSeconds:R} {Allocated} {AnonymousBytes}");

    public static Use Read(string text)
    {
        string[] parts = text.Split(' ');
        return new Use(
            double.Parse(parts[0], CultureInfo.InvariantCulture),
            long.Parse(parts[1], CultureInfo.InvariantCulture),
            long.Parse(parts[2], CultureInfo.InvariantCulture));
    }
}
