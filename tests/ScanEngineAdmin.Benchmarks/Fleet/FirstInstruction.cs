using System.Diagnostics;
using System.Diagnostics.Metrics;
using ScanEngineAdmin.Benchmarks.Measure;
using ScanEngineAdmin.Benchmarks.Wire;
using ScanEngineAdmin.Core.Console;
using ScanEngineAdmin.Core.Engine;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Scans;

namespace ScanEngineAdmin.Benchmarks.Fleet;

/// <summary>B8: from the queued scan to the engine that begins to take it on.</summary>
internal sealed class FirstInstruction : IBenchmark
{
    // The scan's row at the console, and the mark that it is sent before it is sent.
    private const int Commits = 2;

    public string Name => "B8";

    public string Purpose => "queued scan to first instruction; limit: TLS round trip and two one-row commits";

    public static ScanRequest OnePort { get; } = new() { Targets = ["127.0.0.1"], Ports = "9" };

    public async Task RunAsync(Options options, Report report)
    {
        int tries = options.Amount(3, 60);
        await using WireLab wires = await WireLab.StartAsync();
        foreach ((string what, CommunicationDirection way, double most) in new[]
        {
            ("parked", CommunicationDirection.EngineToConsole, 3.5),
            ("dialled", CommunicationDirection.ConsoleToEngine, 9.0),
        })
        {
            bool dials = way == CommunicationDirection.ConsoleToEngine;
            await using FleetLab lab = FleetLab.Make(1, way);
            lab.AddRows((options.Engines ?? 1) - 1);
            var stores = new WatchedStores();
            TaskCompletionSource accepted = New();
            TaskCompletionSource closed = New();
            stores.Called = member =>
            {
                if (member == "AcceptScan")
                {
                    Volatile.Read(ref accepted).TrySetResult();
                }
            };
            // The log has only so many lines for each peer; the meter counts every channel.
            using var channels = new MeterListener
            {
                InstrumentPublished = static (instrument, listener) =>
                {
                    if (instrument.Name == "scanengineadmin.channels")
                    {
                        listener.EnableMeasurementEvents(instrument);
                    }
                },
            };
            channels.SetMeasurementEventCallback<long>((_, change, tags, _) =>
            {
                if (change < 0 && tags.Contains(new("role", "Engine")))
                {
                    Volatile.Read(ref closed).TrySetResult();
                }
            });
            channels.Start();
            await using EngineNode engine = await lab.StartEngineHereAsync(0, stores, static _ => { });
            await using ConsoleNode console = await lab.StartConsoleHereAsync(new ConsoleNodeOptions
            {
                // As shipped it is kept for a minute: then the next scan would not have to dial.
                Linger = dials ? TimeSpan.FromMilliseconds(50) : TimeSpan.FromMinutes(1),
            });
            if (!dials)
            {
                await lab.ActiveAsync(0);
            }

            using var plain = new PlainStore(lab.Root);
            List<double> product = [];
            List<double> limit = [];
            for (int i = 0; i < tries + 2; i++)
            {
                Volatile.Write(ref accepted, New());
                Volatile.Write(ref closed, New());
                long started = Stopwatch.GetTimestamp();
                Guid scan = lab.Admin.Scans.Add(lab.Pairings[0], OnePort).ScanId;
                await accepted.Task.WaitAsync(FleetLab.Patience);
                double took = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
                await lab.Admin.Scans.WaitAsync(scan, FleetLab.Patience, null, CancellationToken.None);
                if (dials)
                {
                    await closed.Task.WaitAsync(FleetLab.Patience);
                }

                started = Stopwatch.GetTimestamp();
                plain.Insert(Commits, 1);
                if (dials)
                {
                    await using RawTls fresh = await RawTls.ConnectAsync(wires.RawPort, wires.Identity.Certificate);
                    await fresh.EchoAsync(1, 1);
                }
                else
                {
                    await wires.Raw.EchoAsync(1, 1);
                }

                double floor = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
                if (i >= 2 || options.Quick)
                {
                    product.Add(took);
                    limit.Add(floor);
                }
            }

            var all = new Series(product);
            report.Figure(what, "product", all, "ms");
            report.Figure(what, "limit", new Series(limit), "ms");
            report.Judge($"{what}, p50", all, Target.Most(most), "ms");
            report.Judge($"{what}, p99 of p50", new Series([all.At(0.99) / all.Median]), Target.Most(4));
            report.Say($"   {what}: {Series.Short(all.Median / new Series(limit).Median)} of the limit's p50");
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
