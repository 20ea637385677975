using System.Diagnostics;
using ScanEngineAdmin.Benchmarks.Measure;

namespace ScanEngineAdmin.Benchmarks.Wire;

/// <summary>B4: what small requests wait for while bulk runs, and what a slow reader costs the others.</summary>
internal sealed class Mixed : IBenchmark
{
    private const long Endless = long.MaxValue / 2;
    private const double Megabyte = 1024 * 1024;

    public string Name => "B4";

    public string Purpose => "a request every millisecond while bulk runs; a reader of 1 MB/s among eight fast ones";

    public async Task RunAsync(Options options, Report report)
    {
        TimeSpan time = TimeSpan.FromSeconds(options.Amount(0.3, 2.0));
        await using WireLab lab = await WireLab.StartAsync();
        lab.SayWhatIsMissing(report);
        Contest mixed = new Contest()
            .Add("product", () => BesideAsync(
                time,
                until => lab.Product.UpAsync(Work.Up, Endless, Work.Piece, until),
                async () =>
                {
                    using Channel.Payload answer = await lab.Product.RequestAsync();
                }))
            .Add("product, bulk alone", () => BesideAsync(
                time, until => lab.Product.UpAsync(Work.Up, Endless, Work.Piece, until), null));
#if KESTREL
        if (lab.Web.OfType<Http2>().FirstOrDefault() is { } http)
        {
            mixed.Add("HTTP/2", () => BesideAsync(
                time, until => http.UpAsync(Endless, Work.Piece, until), http.RequestAsync));
        }
#endif
        await mixed.RunAsync(options.Rounds, warmUp: !options.Quick);
        string[] answering = ["product", "HTTP/2"];
        foreach (string name in answering.Where(mixed.Has))
        {
            report.Figure("request beside bulk, p50", name, mixed.Of(name, "p50"), "ms");
            report.Figure("request beside bulk, p99", name, mixed.Of(name, "p99"), "ms");
            report.Figure("bulk beside requests", name, mixed.Of(name, "MB/s"), "MB/s");
        }

        if (mixed.Has("HTTP/2"))
        {
            report.Judge(
                "request beside bulk, p99 of HTTP/2's", mixed.Ratio("p99", "product", "HTTP/2"), Target.Most(0.8));
        }

        report.Judge(
            "bulk beside requests, speed of bulk alone",
            mixed.Ratio("MB/s", "product", "product, bulk alone"),
            Target.Least(0.9));

        Contest slow = await new Contest()
            .Add("8 fast", () => FastAsync(lab, time, withSlow: false))
            .Add("8 fast and a slow one", () => FastAsync(lab, time, withSlow: true))
            .RunAsync(options.Rounds, warmUp: !options.Quick);
        report.Judge(
            "fast streams beside a slow one, speed of them alone",
            slow.Ratio("MB/s", "8 fast and a slow one", "8 fast"),
            Target.Least(0.9));
        Series grown = new([.. slow.Of("8 fast and a slow one", "MiB").Values
            .Zip(slow.Of("8 fast", "MiB").Values, static (with, without) => with - without)]);
        report.Judge(
            "memory that a slow reader costs its own end",
            grown,
            Target.Most((Channel.ChannelOptions.Default.MaxWindow / Megabyte) + 1),
            "MiB");
    }

    private static async Task<IReadOnlyDictionary<string, double>> BesideAsync(
        TimeSpan time, Func<CancellationToken, Task<long>> bulk, Func<Task>? request)
    {
        using var over = new CancellationTokenSource();
        long started = Stopwatch.GetTimestamp();
        Task<long> sending = Task.Run(() => bulk(over.Token));
        List<double> waits = [];
        using var every = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
        while (Stopwatch.GetElapsedTime(started) < time)
        {
            await every.WaitForNextTickAsync();
            if (request is not null)
            {
                long asked = Stopwatch.GetTimestamp();
                await request();
                waits.Add(Stopwatch.GetElapsedTime(asked).TotalMilliseconds);
            }
        }

        await over.CancelAsync();
        long sent = await sending;
        var figures = new Dictionary<string, double>
        {
            ["MB/s"] = sent / 1e6 / Stopwatch.GetElapsedTime(started).TotalSeconds,
        };
        if (request is not null)
        {
            var all = new Series(waits);
            (figures["p50"], figures["p99"]) = (all.At(0.5), all.At(0.99));
        }

        return figures;
    }

    private static async Task<IReadOnlyDictionary<string, double>> FastAsync(WireLab lab, TimeSpan time, bool withSlow)
    {
        using var over = new CancellationTokenSource();
        long started = Stopwatch.GetTimestamp();
        Task slow = withSlow ? Task.Run(() => lab.Product.SlowAsync(over.Token)) : Task.CompletedTask;
        Task<long>[] fast = [.. Enumerable.Range(0, 8).Select(_ =>
            Task.Run(() => lab.Product.UpAsync(Work.Up, Endless, Work.Piece, over.Token)))];
        long most = 0;
        while (Stopwatch.GetElapsedTime(started) < time)
        {
            most = Math.Max(most, (await lab.Server.UseAsync()).AnonymousBytes);
            await Task.Delay(TimeSpan.FromMilliseconds(50), CancellationToken.None);
        }

        await over.CancelAsync();
        long sent = (await Task.WhenAll(fast)).Sum();
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        await slow;
        return new Dictionary<string, double> { ["MB/s"] = sent / 1e6 / seconds, ["MiB"] = most / Megabyte };
    }
}
