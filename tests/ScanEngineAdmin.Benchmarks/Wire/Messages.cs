using ScanEngineAdmin.Benchmarks.Measure;
using ScanEngineAdmin.Channel;

namespace ScanEngineAdmin.Benchmarks.Wire;

/// <summary>B2: small messages, and many streams at once.</summary>
internal sealed class Messages : IBenchmark
{
    public string Name => "B2";

    public string Purpose => "1 KiB messages over raw TLS with 64 KiB writes; 8 and 64 streams over one";

    public async Task RunAsync(Options options, Report report)
    {
        long bytes = options.Amount(2L, 128L) * 1024 * 1024;
        await using WireLab lab = await WireLab.StartAsync();
        Contest small = await new Contest()
            .Add("raw TLS", () => lab.MeasureAsync(() => lab.Raw.UpAsync(bytes, Work.Piece)))
            .Add("product", () => lab.MeasureAsync(() => lab.Product.UpAsync(bytes, 1024)))
            .Add("raw TLS, 1 KiB writes", () => lab.MeasureAsync(() => lab.Raw.UpAsync(bytes / 16, 1024)))
            .RunAsync(options.Rounds, warmUp: !options.Quick);
        Show("raw TLS", 1);
        Show("product", 1);
        Show("raw TLS, 1 KiB writes", 16);
        report.Judge("1 KiB messages, speed of raw TLS", small.Ratio("rate", "product", "raw TLS"), Target.Least(0.75));

        long all = 4 * bytes;
        Contest streams = await new Contest()
            .Add("1", () => StreamsAsync(lab, 1, all))
            .Add("8", () => StreamsAsync(lab, 8, all))
            .Add("64", () => StreamsAsync(lab, 64, all))
            .RunAsync(options.Rounds, warmUp: !options.Quick);
        foreach ((string count, double least) in new[] { ("8", 0.95), ("64", 0.90) })
        {
            report.Judge($"{count} streams, speed of one", streams.Ratio("rate", count, "1"), Target.Least(least));
            report.Judge($"{count} streams, fastest to slowest", streams.Of(count, "spread"), Target.Most(1.2));
        }

        void Show(string name, int part) => report.Figure(
            "1 KiB messages",
            name,
            new Series([.. small.Of(name, "rate").Values.Select(one => one * bytes / part / 1e6)]),
            "MB/s");
    }

    // For a time and not to an end: whoever ends later has the line for itself.
    private static async Task<IReadOnlyDictionary<string, double>> StreamsAsync(WireLab lab, int count, long all)
    {
        long[] sent = new long[count];
        long total = 0;
        byte[] piece = Work.Bytes(Work.Piece);
        Dictionary<string, double> figures = new(await lab.MeasureAsync(async () =>
        {
            await Task.WhenAll(Enumerable.Range(0, count).Select(index => Task.Run(() => SendAsync(index))));
        }));
        figures["spread"] = (double)sent.Max() / Math.Max(1, sent.Min());
        return figures;

        async Task SendAsync(int index)
        {
            await using ChannelStream stream =
                await lab.Product.Channel.OpenStreamAsync(Work.Up, default, CancellationToken.None);
            while (Interlocked.Read(ref total) < all)
            {
                await stream.WriteAsync(piece, CancellationToken.None);
                sent[index] += piece.Length;
                Interlocked.Add(ref total, piece.Length);
            }

            await stream.CompleteWritingAsync(CancellationToken.None);
            while (await stream.ReadAsync(new byte[1], CancellationToken.None) > 0)
            {
            }
        }
    }
}
