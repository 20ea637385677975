using System.Globalization;
using ScanEngineAdmin.Domain.Scans;

namespace ScanEngineAdmin.Faults.Soak;

/// <summary>What was lost and what was doubled, scan by scan, in words.</summary>
internal sealed class Verdict(SoakLab lab, IReadOnlySet<string> undisturbed)
{
    private readonly List<string> _lost = [];
    private readonly List<string> _doubled = [];

    public IReadOnlyList<string> Lost => _lost;

    public IReadOnlyList<string> Doubled => _doubled;

    public long Findings { get; private set; }

    public Dictionary<ScanState, int> States { get; } = [];

    public void Judge(SoakScan asked)
    {
        if (asked.ScanId is not { } id || lab.Console.Store.GetScan(id) is not { } scan)
        {
            _lost.Add($"scan {asked.ScanId} of {asked.Engine.Host.Name} is gone from the console's store");
            return;
        }

        States[scan.State] = States.GetValueOrDefault(scan.State) + 1;
        List<Finding> findings = [.. lab.Console.Store.ReadFindings(id)];
        Findings += findings.Count;
        string name = $"scan {id} of {scan.EngineName}";
        string[] texts = [.. findings.Select(finding => SoakTarget.Text(asked.Number, finding))];
        bool stopped = asked.StopAsked && scan.State == ScanState.Stopped;
        if (!stopped && scan.State != ScanState.Completed)
        {
            _lost.Add($"{name} is {scan.State}: {scan.Detail}");
        }
        else if (!stopped && (undisturbed.Except(texts).ToArray() is { Length: > 0 } missing))
        {
            _lost.Add($"{name} lacks {missing.Length} findings: {string.Join(", ", missing.Take(3))}");
        }

        // A stop may have come between a connection and what the port says.
        IEnumerable<string> untrue = texts.Except(undisturbed);
        if (untrue.Where(text => !stopped || !text.EndsWith(SoakTarget.Silent, StringComparison.Ordinal)).ToArray()
            is { Length: > 0 } strange)
        {
            _lost.Add($"{name} has {strange.Length} findings that are not true: {string.Join(", ", strange.Take(3))}");
        }

        JudgeTwice(asked, scan, findings, name);
        if (asked.Schedule is { } schedule)
        {
            JudgeSchedule(schedule);
        }
    }

    private void JudgeSchedule(string schedule)
    {
        int runs = lab.Console.Store.ListScans().Count(scan => scan.Schedule == schedule);
        if (runs != 1)
        {
            (runs == 0 ? _lost : _doubled).Add($"schedule {schedule} has begun {runs} runs");
        }
    }

    private void JudgeTwice(SoakScan asked, ScanRecord scan, List<Finding> findings, string name)
    {
        int twice = findings.Count - findings.DistinctBy(finding => finding.Unit).Count();
        if (twice > 0 || scan.FindingCount != findings.Count)
        {
            _doubled.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"{name} has {twice} findings twice; {scan.FindingCount} counted, {findings.Count} stored"));
        }

        // A process that ended was not done with what it had not written down; nothing else may be looked at again. No
        // store was lost, so nothing may ever be begun anew either.
        // A scan that rested is another attempt, which looks again at what was just being looked at; and so is the rest
        // of a part that an engine had for too long.
        int given = lab.Console.Store.GetPoolView(scan.ScanId)?.Parts
            .Count(part => part.State != ScanState.Completed) ?? 0;
        int again = asked.Ends + asked.Rests + given;
        if (scan.Attempt > 1 + asked.Rests || asked.Visits.Most > 1 + again)
        {
            _doubled.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"{name}: attempt {scan.Attempt}, a port was visited {asked.Visits.Most} times "
                + $"and could be {1 + again} times"));
        }

        if (asked.Visits.Wrong is { Count: > 0 } wrong)
        {
            _doubled.Add($"{name}: {wrong.Count} visits that must not be: {string.Join(", ", wrong.Take(3))}");
        }
    }
}
