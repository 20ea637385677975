using System.Globalization;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Faults.Lab;

namespace ScanEngineAdmin.Faults.Soak;

/// <summary>One soak from the undisturbed scans to its last line.</summary>
internal sealed class SoakRun(SoakOptions options, SoakLab lab)
{
    private const int WarmUpScans = 2;
    private static readonly TimeSpan WarmUpBound = TimeSpan.FromSeconds(90);

    private static readonly TimeSpan SettlePeriod = TimeSpan.FromMilliseconds(250);

    private readonly Recoveries _recoveries = new();

    /// <summary>True when nothing was lost, doubled or leaked.</summary>
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        var feed = new ScanFeed(lab, _recoveries);
        using var watching = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        HashSet<string> undisturbed = await UndisturbedAsync(feed, cancellationToken);
        var leaks = new Leaks(lab);

        IReadOnlyList<PlannedFault> schedule = FaultSchedule.Draw(options);
        var links = new SoakLinks();
        Say(links.HasNetem ? "Delay, loss and reordering by netem."
            : "This kernel has no sch_netem: loss by random drops, delay by "
                + $"{(links.HasTbf ? "a slow link" : "the same")}, no reordering.");
        schedule.ToList().ForEach(fault => Say(fault.Line));
        var chaos = new Chaos(lab, links, feed, _recoveries);
        Task watch = feed.RunAsync(watching.Token);
        await chaos.RunAsync(schedule, options.Time, cancellationToken);
        Say($"Healed. {feed.Scans.Count} scans were queued; waiting until all is settled.");
        feed.Close();
        bool settled = await Eventually.TrueAsync(
            () => Settlement.Open(lab, _recoveries) is null, options.Patience, SettlePeriod, cancellationToken);
        await watching.CancelAsync();
        await watch;
        return await JudgeAsync(feed, chaos, leaks, undisturbed, settled, cancellationToken);
    }

    /// <summary>The same scans with nothing in their way: what they find is what every later one must find.</summary>
    private async Task<HashSet<string>> UndisturbedAsync(ScanFeed feed, CancellationToken cancellationToken)
    {
        List<SoakScan> first =
            [.. lab.Engines.SelectMany(engine => Enumerable.Range(0, WarmUpScans).Select(_ => feed.Queue(engine)))];
        HashSet<string> truth = [.. SoakTarget.Truth()];
        foreach (SoakScan scan in first)
        {
            await lab.Console.Scans.WaitAsync(scan.ScanId!.Value, WarmUpBound, null, cancellationToken);
            List<Finding> found = [.. lab.Console.Store.ReadFindings(scan.ScanId.Value)];
            if (!truth.SetEquals(found.Select(finding => SoakTarget.Text(scan.Number, finding))))
            {
                throw new InvalidOperationException("An undisturbed scan did not find what is there.");
            }
        }

        Say($"{first.Count} undisturbed scans found what is there: {truth.Count} findings each.");
        return truth;
    }

    private async Task<bool> JudgeAsync(
        ScanFeed feed,
        Chaos chaos,
        Leaks leaks,
        HashSet<string> undisturbed,
        bool settled,
        CancellationToken cancellationToken)
    {
        List<string> wrong = [];
        if (!settled)
        {
            wrong.Add($"not settled after {options.Patience.TotalSeconds} s: {Settlement.Open(lab, _recoveries)}");
        }

        feed.Resolve();
        var verdict = new Verdict(lab, undisturbed);
        foreach (SoakScan scan in feed.Scans)
        {
            verdict.Judge(scan);
        }

        wrong.AddRange(chaos.Failures);
        wrong.AddRange(lab.Hosts.SelectMany(host => host.Deaths));
        wrong.AddRange(lab.Hosts.SelectMany(SoakLog.Faults));
        IReadOnlyList<string> leaked = await leaks.FindAsync(feed.Scans.Count, verdict.Findings, cancellationToken);
        int faults = chaos.Injected.Values.Sum();
        foreach ((string kind, int count) in chaos.Injected.OrderBy(kind => kind.Key, StringComparer.Ordinal))
        {
            Say($"  {count,4} {kind}");
        }

        leaks.Table().ToList().ForEach(Say);
        string states = string.Join(", ", verdict.States.Select(state => $"{state.Value} {state.Key}"));
        Say($"{feed.Scans.Count} scans ({states}), {feed.Scans.Count(scan => scan.Schedule is not null)} by a schedule, "
            + $"{verdict.Findings} findings; the store did not take {feed.Refusals} requests at once.");
        Say(string.Create(
            CultureInfo.InvariantCulture,
            $"{_recoveries.Took.Count} recoveries, time to recover "
            + $"p50 {_recoveries.Percentile(50).TotalSeconds:0.0} s, "
            + $"p99 {_recoveries.Percentile(99).TotalSeconds:0.0} s."));
        Name("LOST", verdict.Lost);
        Name("DOUBLED", verdict.Doubled);
        Name("LEAKED", leaked);
        Name("WRONG", wrong);
        bool passed = faults > 0 && feed.Scans.Count > WarmUpScans * lab.Engines.Count
            && verdict.Lost.Count + verdict.Doubled.Count + leaked.Count + wrong.Count == 0;
        Say(string.Create(
            CultureInfo.InvariantCulture,
            $"SOAK faults={faults} scans={feed.Scans.Count} lost={verdict.Lost.Count} doubled={verdict.Doubled.Count} "
            + $"leaked={leaked.Count} {(passed ? "PASS" : "FAIL")}"));
        return passed;
    }

    private static void Name(string what, IReadOnlyList<string> all)
    {
        foreach (string one in all)
        {
            Say($"{what}: {one}");
        }
    }

    private static void Say(string line) => Console.WriteLine(line);
}
