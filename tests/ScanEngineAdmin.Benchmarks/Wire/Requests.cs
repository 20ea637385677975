using ScanEngineAdmin.Benchmarks.Measure;

namespace ScanEngineAdmin.Benchmarks.Wire;

/// <summary>B3: requests of 256 bytes and answers of the same length.</summary>
internal sealed class Requests : IBenchmark
{
    public string Name => "B3";

    public string Purpose => "requests of 256 bytes, 1 and 64 in flight, over raw TLS that pipelines by hand";

    public async Task RunAsync(Options options, Report report)
    {
        await using WireLab lab = await WireLab.StartAsync(tunnels: true);
        lab.SayWhatIsMissing(report);
        IWire[] wires = [lab.Raw, lab.Product, lab.Plain, .. lab.Web, .. lab.Tunnels];
        foreach ((int inFlight, int quick, int whole, double least) in
            new[] { (1, 300, 20_000, 1.0), (64, 2_000, 400_000, 0.70) })
        {
            string group = $"{inFlight} in flight";
            var contest = new Contest();
            foreach (IWire wire in wires)
            {
                // The slower ones do less of the same: a round must not be theirs alone.
                int requests = options.Amount(quick, whole) / (lab.Web.Contains(wire) && inFlight > 1 ? 10 : 1);
                contest.Add(wire.Name, async () => PerRequest(
                    await lab.MeasureAsync(() => wire.EchoAsync(requests, inFlight)), requests));
            }

            await contest.RunAsync(options.Rounds, warmUp: !options.Quick);
            foreach (IWire wire in wires)
            {
                report.Figure(group, wire.Name, contest.Of(wire.Name, "rate"), "requests/s");
            }

            bool single = inFlight == 1;
            const string Each = "B a request";
            report.Judge(
                $"{group}, speed of raw TLS", contest.Ratio("rate", "product", "raw TLS"), Target.Least(least));
            report.Judge($"{group}, allocated by the asking end", contest.Of("product", "here"), Target.Most(16), Each);
            report.Judge(
                $"{group}, allocated by the answering end", contest.Of("product", "there"), Target.Most(16), Each);
            report.Judge(
                $"{group}, CPU of raw TLS",
                contest.Ratio("cpu", "product", "raw TLS"),
                Target.Most(single ? 1.15 : 1.6));
            if (contest.Has("HTTP/2"))
            {
                report.Judge(
                    $"{group}, speed of HTTP/2",
                    contest.Ratio("rate", "product", "HTTP/2"),
                    Target.Least(single ? 1.3 : 6));
            }
        }
    }

    private static Dictionary<string, double> PerRequest(IReadOnlyDictionary<string, double> all, int requests) =>
        all.ToDictionary(one => one.Key, one => one.Key == "rate" ? one.Value * requests : one.Value / requests);
}
