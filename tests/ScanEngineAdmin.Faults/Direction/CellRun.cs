using System.Diagnostics;
using System.Globalization;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Faults.Lab;

namespace ScanEngineAdmin.Faults.Direction;

/// <summary>
/// One cell from its first packet to its last: a change with its fault, the agreement after it has healed, the scan,
/// the way that must be closed, and another change.
/// </summary>
internal sealed class CellRun(Cell cell, DirectionLab lab, IReadOnlyList<string> undisturbed)
{
    private const int LogTail = 60;
    private static readonly TimeSpan Bound = DirectionLab.Bound;

    private readonly List<string> _wrong = [];
    private bool _lost;
    private bool _doubled;

    private string LastChange => $"{lab.Change().State}: {lab.Change().Detail}";

    public static async Task<CellResult> RunAsync(Cell cell, IReadOnlyList<string> undisturbed)
    {
        long started = Stopwatch.GetTimestamp();
        CellResult result;
        try
        {
            await using DirectionLab lab = await DirectionLab.StartAsync(cell.Start);
            result = await new CellRun(cell, lab, undisturbed).RunAsync();
        }
        catch (Exception exception)
        {
            // A cell that cannot be run proves nothing: it fails, and the others go on.
            result = new CellResult(cell, CellOutcome.Split) { Wrong = ["not run to its end"], Logs = $"{exception}" };
        }

        return result with { Took = Stopwatch.GetElapsedTime(started) };
    }

    /// <summary>What a scan finds when nothing disturbs it.</summary>
    public static async Task<IReadOnlyList<string>> UndisturbedAsync()
    {
        await using DirectionLab lab = await DirectionLab.StartAsync(CommunicationDirection.ConsoleToEngine);
        lab.Target.Release();
        Guid scan = lab.Scan();
        ScanRecord done = await lab.Console.Scans.WaitAsync(scan, Bound, null, CancellationToken.None);
        IReadOnlyList<string> findings = Findings(lab, scan);
        return done.State == ScanState.Completed && HeldTarget.IsTrue(findings)
            ? findings
            : throw new InvalidOperationException("An undisturbed scan did not find what is there.");
    }

    private async Task<CellResult> RunAsync()
    {
        CellOutcome outcome = CellOutcome.Split;
        try
        {
            outcome = await ProveAsync();
        }
        catch (Exception exception)
        {
            _wrong.Add($"{exception.GetType().Name}: {exception.Message}");
        }

        var result = new CellResult(cell, outcome) { Lost = _lost, Doubled = _doubled, Wrong = _wrong };
        if (outcome != cell.Fault.Expected)
        {
            _wrong.Insert(0, $"{cell.Fault.Expected} was expected");
        }

        return result.Passed ? result : result with { Logs = lab.Logs(LogTail) };
    }

    private async Task<CellOutcome> ProveAsync()
    {
        Guid? scan = cell.Scanning ? await BeginScanAsync() : null;
        await ChangeAsync();
        if (!await Eventually.TrueAsync(() => lab.IsAgreed, Bound))
        {
            _wrong.Add($"no agreement: console {lab.Registered.Direction}, engine {lab.Paired.Direction}"
                + $"{(lab.Paired.ChangeId is null ? string.Empty : " in doubt")}; {LastChange}");
            return CellOutcome.Split;
        }

        CommunicationDirection agreed = lab.Registered.Direction;
        CellOutcome outcome = agreed == cell.To ? CellOutcome.New : CellOutcome.Old;
        Require(await lab.InForceAsync(agreed), $"{agreed} is agreed on, but not alone in force");

        lab.Heal();
        await CheckScanAsync(scan ?? BeginAnother());
        CheckClosed(agreed);
        await ChangeAgainAsync(agreed);
        return outcome;
    }

    /// <summary>A scan of which some has arrived, and the rest is held.</summary>
    private async Task<Guid> BeginScanAsync()
    {
        Guid scan = lab.Scan();
        Require(
            await Eventually.TrueAsync(
                () => lab.Console.Store.GetScan(scan) is { State: ScanState.Running, FindingCount: > 0 }, Bound),
            "the scan did not begin");
        return scan;
    }

    private Guid BeginAnother()
    {
        lab.Target.Forget();
        return lab.Scan();
    }

    private async Task ChangeAsync()
    {
        DirectionFault fault = cell.Fault;
        Func<Task> undo = fault.Before is { } before ? await before(lab, cell.To) : () => Task.CompletedTask;
        MatrixHost? waiting = fault.At is not { } phase ? null
            : phase is Phase.Doubt or Phase.Concluded ? lab.EngineHost : lab.ConsoleHost;
        if (waiting is not null)
        {
            await waiting.ArmAsync(fault.At!.Value);
        }

        lab.Ask(cell.To, fault.Timeout, fault.Elsewhere);
        if (waiting is not null)
        {
            await waiting.ReachedAsync(fault.At!.Value);
            await HitAsync(waiting);
        }

        Require(
            await Eventually.TrueAsync(() => lab.Change().IsDecided, Bound), "the console never decided");
        if (fault.Cuts)
        {
            Require(await Eventually.TrueAsync(() => !lab.Paired.Connected, Bound), "the engine never noticed the cut");
            lab.Heal();
        }

        await undo();
    }

    /// <summary>The fault itself, while one process stands still at the phase.</summary>
    private async Task HitAsync(MatrixHost waiting)
    {
        if (cell.Fault.Cuts)
        {
            lab.ConsoleHost.Filter.Cut();
        }

        MatrixHost? killed = cell.Fault.Killed?.Invoke(lab);
        if (killed is not null)
        {
            await killed.KillAsync();
        }

        if (killed != waiting)
        {
            waiting.Go();
        }

        if (killed is not null)
        {
            await killed.StartAsync();
        }
    }

    private async Task CheckScanAsync(Guid scanId)
    {
        lab.Target.Release();
        bool finished = await Eventually.TrueAsync(
            () => lab.Console.Store.GetScan(scanId) is { IsFinished: true }, Bound);
        ScanRecord scan = lab.Console.Store.GetScan(scanId)!;
        IReadOnlyList<string> findings = Findings(lab, scanId);
        if (!finished || scan.State != ScanState.Completed || !undisturbed.All(findings.Contains))
        {
            _lost = true;
            string missing = string.Join(", ", undisturbed.Except(findings).Take(3));
            _wrong.Add(
                $"scan {scan.State} with {findings.Count} of {undisturbed.Count} findings {scan.Detail} {missing}");
        }

        // A process that was killed forgot what it had not written down; nothing else may be looked at again.
        int allowed = 1 + lab.EngineHost.Kills;
        if (lab.Target.TwiceAtOnce || lab.Target.MostVisits > allowed || scan.Attempt != 1
            || findings.Count > undisturbed.Count || scan.FindingCount > undisturbed.Count)
        {
            _doubled = true;
            _wrong.Add($"attempt {scan.Attempt}, {lab.Target.MostVisits} visits of one port "
                + $"({(lab.Target.TwiceAtOnce ? "two at once, " : string.Empty)}{allowed} allowed), "
                + $"{scan.FindingCount} counted, {findings.Count} findings");
        }
    }

    private void CheckClosed(CommunicationDirection agreed)
    {
        if (agreed == CommunicationDirection.EngineToConsole)
        {
            Require(lab.IsEngineRefusing(), "the engine's port is still open");
            Require(lab.EngineHost.Filter.Tried(DirectionLab.EnginePort) <= 1, "the console still dials");
        }
        else
        {
            Require(lab.ConsoleHost.Filter.Tried(DirectionLab.ConsolePort) == 0, "the engine still polls");
        }
    }

    private async Task ChangeAgainAsync(CommunicationDirection agreed)
    {
        CommunicationDirection other = agreed == cell.To ? cell.Start : cell.To;
        lab.Ask(other, Bound);
        Require(await lab.InForceAsync(other), $"another change did not work: {LastChange}");
    }

    private void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            _wrong.Add(otherwise);
        }
    }

    private static IReadOnlyList<string> Findings(DirectionLab lab, Guid scan) =>
    [
        .. lab.Console.Store.ReadFindings(scan).Select(finding => string.Create(
            CultureInfo.InvariantCulture,
            $"{finding.Unit} {finding.Target} {finding.Port} {finding.State} {finding.Banner}")),
    ];
}
