using ScanEngineAdmin.Benchmarks.Measure;

namespace ScanEngineAdmin.Benchmarks.Wire;

/// <summary>B1: one stream of scan data, either way, under credit.</summary>
internal sealed class Bulk : IBenchmark
{
    private const double Gigabyte = 1024 * 1024 * 1024;

    public string Name => "B1";

    public string Purpose => "bulk data on one stream, 64 KiB a write, over raw TLS on the same machine";

    public async Task RunAsync(Options options, Report report)
    {
        long bytes = options.Amount(8L, 512L) * 1024 * 1024;
        await using WireLab lab = await WireLab.StartAsync(tunnels: true);
        lab.SayWhatIsMissing(report);
        IWire[] wires = [lab.Raw, lab.Product, lab.Plain, .. lab.Web, .. lab.Tunnels];
        foreach (bool up in new[] { true, false })
        {
            string way = up ? "up" : "down";
            var contest = new Contest();
            foreach (IWire wire in wires)
            {
                contest.Add(wire.Name, () =>
                    lab.MeasureAsync(() => up ? wire.UpAsync(bytes, Work.Piece) : wire.DownAsync(bytes)));
            }

            await contest.RunAsync(options.Rounds, warmUp: !options.Quick);
            foreach (IWire wire in wires)
            {
                Series rate = contest.Of(wire.Name, "rate");
                report.Figure(way, wire.Name, new Series([.. rate.Values.Select(one => one * bytes / 1e6)]), "MB/s");
                Series cpu = contest.Of(wire.Name, "cpu");
                report.Figure(
                    $"{way}, both ends",
                    wire.Name,
                    new Series([.. cpu.Values.Select(one => one * Gigabyte / bytes)]),
                    "CPU s/GiB");
            }

            report.Judge($"{way}, speed of raw TLS", contest.Ratio("rate", "product", "raw TLS"), Target.Least(0.95));
            report.Judge($"{way}, CPU of raw TLS", contest.Ratio("cpu", "product", "raw TLS"), Target.Most(1.10));
            Series receiving = contest.Of("product", up ? "there" : "here");
            report.Judge(
                $"{way}, allocated by the receiver",
                new Series([.. receiving.Values.Select(one => one / (bytes / (double)Work.Piece))]),
                Target.Most(64),
                "B per 64 KiB");
            foreach ((string peer, double least) in new[] { ("HTTP/2", 1.7), ("WebSocket", 1.3), ("OpenSSH", 1.8) })
            {
                if (contest.Has(peer))
                {
                    report.Judge(
                        $"{way}, speed of {peer}", contest.Ratio("rate", "product", peer), Target.Least(least));
                }
            }
        }
    }
}
