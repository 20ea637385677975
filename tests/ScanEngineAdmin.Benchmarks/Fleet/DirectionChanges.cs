using System.Diagnostics;
using ScanEngineAdmin.Benchmarks.Measure;
using ScanEngineAdmin.Benchmarks.Wire;
using ScanEngineAdmin.Core.Directions;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Faults;

namespace ScanEngineAdmin.Benchmarks.Fleet;

/// <summary>B9: the change of who dials, one at a time and many at once.</summary>
internal sealed class DirectionChanges : IBenchmark
{
    // The request and the decision at the console, the doubt and its end at the engine.
    private const int Commits = 4;

    public string Name => "B9";

    public string Purpose =>
        "change of direction; limit: one TLS connection with a round trip and four one-row commits";

    public async Task RunAsync(Options options, Report report)
    {
        int count = options.Quick ? 2 : options.Engines ?? 50;
        await using WireLab wires = await WireLab.StartAsync();
        await using FleetLab lab = FleetLab.Make(count, CommunicationDirection.EngineToConsole);
        await lab.StartConsoleAsync();
        await using Child driver = await lab.StartDriverAsync(0, count);
        await driver.AskAsync("start");
        for (int i = 0; i < count; i++)
        {
            await lab.ActiveAsync(i);
        }

        using var plain = new PlainStore(lab.Root);
        Dictionary<CommunicationDirection, List<double>> took = new()
        {
            [CommunicationDirection.ConsoleToEngine] = [],
            [CommunicationDirection.EngineToConsole] = [],
        };
        List<double> limit = [];
        for (int i = -1; i < options.Amount(1, 2 + options.Rounds); i++)
        {
            foreach ((CommunicationDirection to, List<double> times) in took)
            {
                long started = Stopwatch.GetTimestamp();
                await ChangeAsync(lab, 0, to);
                double change = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
                started = Stopwatch.GetTimestamp();
                plain.Insert(Commits, 1);
                await using RawTls fresh = await RawTls.ConnectAsync(wires.RawPort, wires.Identity.Certificate);
                await fresh.EchoAsync(1, 1);
                double floor = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
                if (i >= 0)
                {
                    // The first compiles, and asks the firewall tools.
                    times.Add(change);
                    limit.Add(floor);
                }
            }
        }

        report.Figure("one engine", "limit", new Series(limit), "ms");
        foreach ((CommunicationDirection to, List<double> times) in took)
        {
            report.Figure("one engine", $"product, {to}", new Series(times), "ms");
            report.Judge($"one engine, {to}, p50", new Series(times), Target.Most(60), "ms");
        }

        int failed = 0;
        foreach (CommunicationDirection to in took.Keys)
        {
            long started = Stopwatch.GetTimestamp();
            await Parallel.ForEachAsync(
                Enumerable.Range(0, count),
                new ParallelOptions { MaxDegreeOfParallelism = 32 },
                async (number, _) =>
                {
                    try
                    {
                        await ChangeAsync(lab, number, to);
                    }
                    catch (ScanEngineException exception)
                    {
                        Interlocked.Increment(ref failed);
                        report.Say($"   {exception.Message}");
                    }
                });
            double each = Stopwatch.GetElapsedTime(started).TotalMilliseconds / count;
            report.Judge($"{count} engines, 32 at once, {to}, each", new Series([each]), Target.Most(25), "ms");
        }

        report.Judge($"{count} engines, changes that failed", new Series([failed]), Target.Most(0), "changes");
    }

    private static async Task ChangeAsync(FleetLab lab, int number, CommunicationDirection to) =>
        await lab.Admin.Direction.ChangeAsync(
        lab.Pairings[number],
        new DirectionChangeRequest
        {
            Direction = to,
            Address = to == CommunicationDirection.ConsoleToEngine ? $"{lab.Host}" : null,
            Port = to == CommunicationDirection.ConsoleToEngine ? FleetLab.EngineAt(lab.Host, number).Port : null,
            ConsoleAddress = to == CommunicationDirection.EngineToConsole ? $"{lab.Host}" : null,
            ConsolePort = to == CommunicationDirection.EngineToConsole ? FleetLab.ConsolePort : null,
            Timeout = TimeSpan.FromSeconds(60),
        },
        null,
        CancellationToken.None);
}
