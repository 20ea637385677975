using System.Diagnostics;
using System.Globalization;
using ScanEngineAdmin.Benchmarks.Measure;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Scanning.Connect;
using ScanEngineAdmin.Scanning.Plan;
using ScanEngineAdmin.Scanning.Targets;

namespace ScanEngineAdmin.Benchmarks.Fleet;

/// <summary>The engine's scanner as a process of its own, as nmap is.</summary>
internal static class TimedScan
{
    public const string Command = "scan";

    /// <summary>Targets, ports, timeout in ms, parallelism; a line in for each scan, a line of figures out.</summary>
    public static async Task<int> RunAsync(IReadOnlyList<string> args)
    {
        ScanPlan plan = ScanPlan.Create(new ScanRequest
        {
            Targets = [args[0]],
            Ports = args[1],
            Timeout = TimeSpan.FromMilliseconds(int.Parse(args[2], CultureInfo.InvariantCulture)),
            Parallelism = int.Parse(args[3], CultureInfo.InvariantCulture),
            BannerTimeout = TimeSpan.Zero,
        });
        while (await Console.In.ReadLineAsync() is not null)
        {
            int[] states = new int[3];
            Use before = Use.Now();
            long started = Stopwatch.GetTimestamp();
            var scanner = new ConnectScanner(new TargetPolicy(), TimeProvider.System);
            await Count(await scanner.RunAsync(plan, 0, 0, Count, static () => false, static () => false, CancellationToken.None));
            double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            await Console.Out.WriteLineAsync(FormattableString.Invariant(
                $"{seconds} {(Use.Now() - before).CpuSeconds} {states[0]} {states[1]} {states[2]}"));

            ValueTask Count(ScanBatch batch)
            {
                foreach (Finding finding in batch.Findings)
                {
                    states[(int)finding.State]++;
                }

                return ValueTask.CompletedTask;
            }
        }

        return 0;
    }
}
