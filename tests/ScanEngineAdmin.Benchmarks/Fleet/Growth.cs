using ScanEngineAdmin.Benchmarks.Measure;
using ScanEngineAdmin.Benchmarks.Wire;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Console;
using ScanEngineAdmin.Core.Engine;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Scans;

namespace ScanEngineAdmin.Benchmarks.Fleet;

/// <summary>B12: what more engines, more scans and more findings cost.</summary>
internal sealed class Growth : IBenchmark
{
    private const int FindingsPerBatch = 512;

    public string Name => "B12";

    public string Purpose => "findings stored over plain SQLite; CPU per GiB with many channels; store calls a scan";

    public async Task RunAsync(Options options, Report report)
    {
        await FindingsAsync(options, report);
        await ChannelsAsync(options, report);
        await CallsAsync(options, report);
    }

    private static async Task FindingsAsync(Options options, Report report)
    {
        int rows = options.Amount(2_048, 262_144);
        await using FleetLab lab = FleetLab.Make(1, CommunicationDirection.EngineToConsole);
        using var plain = new PlainStore(lab.Root);
        Finding[] findings = [.. Enumerable.Range(0, rows).Select(static row =>
            new Finding(row, "192.0.2.1", (row % 65535) + 1, PortState.Closed, TimeSpan.FromTicks(12345), null))];
        Contest contest = await new Contest()
            .AddTimed("plain SQLite", () => Task.Run(() => plain.Insert(rows, FindingsPerBatch)))
            .AddTimed("product", () => Task.Run(() => Save(lab, findings)))
            .RunAsync(options.Rounds, warmUp: !options.Quick);
        foreach (string name in new[] { "plain SQLite", "product" })
        {
            report.Figure(
                "findings stored, 512 a commit",
                name,
                new Series([.. contest.Of(name, "s").Values.Select(s => rows / s)]),
                "findings/s");
        }

        report.Judge(
            "findings a second of plain SQLite", contest.Ratio("s", "plain SQLite", "product"), Target.Least(0.8));
    }

    private static void Save(FleetLab lab, Finding[] findings)
    {
        var scan = new ScanRecord
        {
            ScanId = Guid.NewGuid(),
            PairingId = lab.Pairings[0],
            EngineName = FleetLab.EngineName(0),
            Request = FirstInstruction.OnePort,
            State = ScanState.Dispatched,
            Attempt = 1,
            Queued = DateTimeOffset.UtcNow,
        };
        lab.Admin.Store.AddScan(scan);
        for (int from = 0, number = 1; from < findings.Length; from += FindingsPerBatch, number++)
        {
            var batch = new ScanBatch
            {
                Number = number,
                Findings = findings[from..Math.Min(findings.Length, from + FindingsPerBatch)],
                Cursor = from + FindingsPerBatch,
                TargetsTotal = 1,
                TargetsDone = 0,
            };
            if (lab.Admin.Store.SaveBatch(scan.PairingId, scan.ScanId, 1, batch, DateTimeOffset.UtcNow) is var outcome
                && outcome != BatchOutcome.Stored)
            {
                throw new InvalidOperationException($"A batch was {outcome}.");
            }
        }
    }

    private static async Task ChannelsAsync(Options options, Report report)
    {
        long bytes = options.Amount(8L, 512L) * 1024 * 1024;
        int[] counts = options.Amount<int[]>([1, 4], [1, 10, 100, 1000]);
        await using WireLab lab = await WireLab.StartAsync();
        using var runtime = new ChannelRuntime(ChannelOptions.Default);
        List<PeerChannel> channels = [];
        while (channels.Count < counts[^1])
        {
            channels.Add(await Product.DialAsync(lab.Identity, runtime, lab.ProductPort, lab.Pin));
        }

        var contest = new Contest();
        foreach (int count in counts)
        {
            contest.Add(Key(count), () => lab.MeasureAsync(() => Task.WhenAll(
                channels.Take(count).Select(channel => Task.Run(() => SendAsync(channel, bytes / count))))));
        }

        await contest.RunAsync(options.Rounds, warmUp: !options.Quick);
        foreach (int count in counts)
        {
            report.Figure(
                "1 GiB in all, both ends",
                $"product, {count} channels",
                new Series([.. contest.Of(Key(count), "cpu").Values.Select(cpu => cpu * (1 << 30) / bytes)]),
                "CPU s/GiB");
        }

        foreach (int count in counts[1..])
        {
            report.Judge(
                $"{count} channels, CPU per GiB of one",
                contest.Ratio("cpu", Key(count), Key(counts[0])),
                Target.Most(1.15));
        }

        await Task.WhenAll(channels.Select(channel => channel.DisposeAsync().AsTask()));

        static string Key(int count) => FormattableString.Invariant($"{count}");
    }

    private static async Task SendAsync(PeerChannel channel, long bytes)
    {
        byte[] piece = Work.Bytes(Work.Piece);
        await using ChannelStream stream = await channel.OpenStreamAsync(Work.Up, default, CancellationToken.None);
        for (long sent = 0; sent < bytes; sent += piece.Length)
        {
            int count = (int)Math.Min(piece.Length, bytes - sent);
            await stream.WriteAsync(piece.AsMemory(0, count), CancellationToken.None);
        }

        await stream.CompleteWritingAsync(CancellationToken.None);
        while (await stream.ReadAsync(new byte[1], CancellationToken.None) > 0)
        {
        }
    }

    private static async Task CallsAsync(Options options, Report report)
    {
        await using FleetLab lab = FleetLab.Make(1, CommunicationDirection.EngineToConsole);
        var stores = new WatchedStores();
        await using EngineNode engine = await lab.StartEngineHereAsync(0, null, static _ => { });
        await using ConsoleNode console = await lab.StartConsoleHereAsync(new ConsoleNodeOptions(), stores);
        await lab.ActiveAsync(0);
        List<double> each = [];
        foreach (int count in options.Amount<int[]>([4, 8], [50, 400]))
        {
            IReadOnlyDictionary<string, int> before = new Dictionary<string, int>(stores.Calls);
            for (int i = 0; i < count; i++)
            {
                lab.Admin.Scans.Add(lab.Pairings[0], FirstInstruction.OnePort);
            }

            while (lab.Admin.Store.ListScans(unfinishedOnly: true).Count > 0)
            {
                await Task.Delay(20);
            }

            // Looks at the clock's word are not a scan's.
            int calls = stores.Calls.Where(static call => call.Key != "get_DataVersion")
                .Sum(call => call.Value - before.GetValueOrDefault(call.Key));
            each.Add((double)calls / count);
            report.Say(FormattableString.Invariant(
                $"   {count} scans: {each[^1]:0.0} store calls of the console a scan"));
        }

        report.Judge("store calls a scan, many scans of few", new Series([each[1] / each[0]]), Target.Most(1.15));
    }
}
