using System.Diagnostics;
using ScanEngineAdmin.Benchmarks.Measure;
using ScanEngineAdmin.Benchmarks.Wire;
using ScanEngineAdmin.Domain.Directions;

namespace ScanEngineAdmin.Benchmarks.Fleet;

/// <summary>B13: many small scans at once, in processes that have just started.</summary>
internal sealed class SmallScans : IBenchmark
{
    // Taken on and done, at either end.
    private const int Commits = 4;

    public string Name => "B13";

    public string Purpose =>
        "scans of one port over many engines, cold; limit: two TLS requests and four one-row commits a scan";

    public async Task RunAsync(Options options, Report report)
    {
        int engines = options.Quick ? 2 : options.Engines ?? 100;
        int scans = options.Amount(6, 1000);
        await using WireLab wires = await WireLab.StartAsync();
        List<double> rates = [];
        List<double> limits = [];
        List<double> cpu = [];
        for (int round = 0; round < Math.Min(5, options.Rounds); round++)
        {
            await using FleetLab lab = FleetLab.Make(engines, CommunicationDirection.EngineToConsole);
            using var plain = new PlainStore(lab.Root);
            await lab.StartConsoleAsync();
            await using Child driver = await lab.StartDriverAsync(0, engines);
            await driver.AskAsync("start");
            for (int i = 0; i < engines; i++)
            {
                await lab.ActiveAsync(i);
            }

            double before = Use.CpuOf(lab.ConsoleProcess);
            long started = Stopwatch.GetTimestamp();
            Guid[] added = [.. Enumerable.Range(0, scans)
                .Select(i => lab.Admin.Scans.Add(lab.Pairings[i % engines], FirstInstruction.OnePort).ScanId)];
            foreach (Guid scan in added)
            {
                // One at a time: a list of all would cost this machine as much as the console needs.
                while (!lab.Admin.Store.GetScan(scan)!.IsFinished)
                {
                    await Task.Delay(20);
                }
            }

            rates.Add(scans / Stopwatch.GetElapsedTime(started).TotalSeconds);
            cpu.Add((Use.CpuOf(lab.ConsoleProcess) - before) * 1000 / scans);
            int failed = lab.Admin.Store.ListScans().Count(scan => scan.State != Domain.Scans.ScanState.Completed);
            if (failed > 0)
            {
                report.Say(FormattableString.Invariant($"   {failed} scans did not end as Completed"));
            }

            started = Stopwatch.GetTimestamp();
            plain.Insert(Commits * scans, 1);
            await wires.Raw.EchoAsync(2 * scans, 1);
            limits.Add(scans / Stopwatch.GetElapsedTime(started).TotalSeconds);
        }

        report.Figure("small scans, cold", "limit", new Series(limits), "scans/s");
        report.Figure("small scans, cold", "product", new Series(rates), "scans/s");
        report.Judge("scans a second", new Series(rates), Target.Least(400), "scans/s");
        Series ofLimit = new Series(rates).Over(new Series(limits));
        report.Say($"   of the limit: {ofLimit}; console CPU {new Series(cpu)} ms a scan");
    }
}
