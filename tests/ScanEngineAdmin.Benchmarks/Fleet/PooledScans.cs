using System.Diagnostics;
using ScanEngineAdmin.Benchmarks.Measure;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Core.Engine;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Scanning.Targets;
using ScanEngineAdmin.Storage;

namespace ScanEngineAdmin.Benchmarks.Fleet;

/// <summary>B14: one scan over the engines of a pool, each held to a rate by its own admin.</summary>
internal sealed class PooledScans : IBenchmark
{
    private const int Rate = 400;
    private const int Most = 8;

    public string Name => "B14";

    public string Purpose =>
        "one scan over 1 to 8 rate-limited engines, and over 8 with one ten times slower; limit: the sum of rates";

    public async Task RunAsync(Options options, Report report)
    {
        // As many units as one engine does in that many seconds.
        int targets = options.Amount(4, 80) * Rate / 4;
        double alone = 0;
        foreach (int engines in new[] { 1, 2, 4, Most })
        {
            double seconds = await MeasureAsync(engines, targets, slow: false);
            alone = engines == 1 ? seconds : alone;
            report.Figure("one scan over engines", $"{engines}", new Series([seconds]), "s");
            report.Judge(
                $"{engines} engines, time by that of one and n",
                new Series([seconds * engines / alone]),
                Target.Most(1.1));
        }

        double without = await MeasureAsync(Most - 1, targets, slow: false);
        double with = await MeasureAsync(Most, targets, slow: true);
        report.Judge("one of 8 ten times slower, by the time of 7", new Series([with / without]), Target.Most(1.15));
    }

    private static async Task<double> MeasureAsync(int engines, int targets, bool slow)
    {
        await using FleetLab lab = FleetLab.Make(engines, CommunicationDirection.EngineToConsole);
        for (int i = 0; i < engines; i++)
        {
            using EngineAdmin engine = EngineAdmin.Open(
                DataFolder.Resolve(FleetLab.EngineFolder(lab.Root, i)), new SqliteStoreProvider());
            engine.SetPolicy(new TargetPolicy { MaxRate = slow && i == 0 ? Rate / 10 : Rate });
        }

        await lab.StartConsoleAsync();
        var running = new List<EngineNode>();
        for (int i = 0; i < engines; i++)
        {
            running.Add(await lab.StartEngineHereAsync(i, null, static _ => { }));
        }

        for (int i = 0; i < engines; i++)
        {
            await lab.ActiveAsync(i);
        }

        EnginePool pool = lab.Admin.Pools.Add("all", lab.Pairings);
        long started = Stopwatch.GetTimestamp();
        ScanRecord scan = lab.Admin.Scans.AddToPool(pool, new ScanRequest
        {
            Targets = [FormattableString.Invariant($"127.78.0.0-127.78.{(targets - 1) / 256}.{(targets - 1) % 256}")],
            Ports = "2001-2004",
            BannerTimeout = TimeSpan.Zero,
        });
        ScanRecord done = await lab.Admin.Scans.WaitAsync(
            scan.ScanId, TimeSpan.FromMinutes(10), null, CancellationToken.None);
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        if (done.State != ScanState.Completed || done.FindingCount != targets * 4L)
        {
            throw new InvalidOperationException(
                $"The scan is {done.State}, with {done.FindingCount} findings: {done.Detail}");
        }

        foreach (EngineNode node in running)
        {
            await node.DisposeAsync();
        }

        return seconds;
    }
}
