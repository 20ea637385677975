using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Scans;

namespace ScanEngineAdmin.Scanning.Plan;

/// <summary>
/// What becomes of a scan: the rules, without a store or a channel. A second run is only ever queued when the engine
/// itself has said that the first one is over or gone.
/// </summary>
internal static class ScanOutcome
{
    /// <summary>How much sooner than the console an engine may see the same deadline pass.</summary>
    internal static readonly TimeSpan Early = TimeSpan.FromSeconds(5);

    /// <summary>After the last batch of an attempt was stored: <paramref name="scan"/> is in its final state.</summary>
    public static ScanRecord Settle(ScanRecord scan, DateTimeOffset now, ScanRetry retry) =>
        End(Unhindered(scan), now, retry);

    /// <summary>The engine came back without it.</summary>
    public static ScanRecord Lost(ScanRecord scan, DateTimeOffset now, ScanRetry retry) => scan switch
    {
        { IsFinished: true } => scan,
        { Cause: ScanCause.DeadlinePassed } => Overdue(scan, now),
        { StopRequested: true } => Stopped(scan, now, "Stopped; the engine had lost the scan."),
        { Suspension: ScanSuspension.Asked } => Rest(scan, now),
        _ => Again(scan with { Detail = "The engine had lost the scan." }, ScanCause.SpoolLost, now, retry),
    };

    public static ScanRecord Refused(ScanRecord scan, DateTimeOffset now, string detail) =>
        Ended(scan, ScanState.Failed, ScanCause.Refused, now) with { Detail = detail };

    /// <summary>Whether a scan that is stored is none by the limits of this version: a previous one queued it.</summary>
    public static bool IsBeyondLimits(ScanEngineException fault) => fault.Code is FaultCode.TargetInvalid
        or FaultCode.TooManyTargets or FaultCode.PortRangeInvalid or FaultCode.OptionInvalid;

    /// <summary>No later try differs.</summary>
    public static ScanRecord BeyondLimits(ScanRecord scan, DateTimeOffset now, ScanEngineException fault) => scan.IsFinished
        ? scan
        : Refused(scan, now, $"ScanRefused: by the limits of this console's version, {fault.Message}");

    public static ScanRecord Stopped(ScanRecord scan, DateTimeOffset now, string detail) =>
        Ended(scan, ScanState.Stopped, ScanCause.StoppedByUser, now) with { StopRequested = true, Detail = detail };

    /// <summary>An admin wants it to rest: at once if no engine has it, else when its engine has ended the attempt.
    /// </summary>
    public static ScanRecord Suspend(ScanRecord scan, DateTimeOffset now) => scan.State switch
    {
        ScanState.Suspended => scan,
        ScanState.Queued => Rest(scan, now),
        ScanState.Dispatched or ScanState.Running => scan with { Suspension = ScanSuspension.Asked },
        _ => scan,
    };

    /// <summary>An admin wants one that rests, or is to rest, to go on.</summary>
    public static ScanRecord GoOn(ScanRecord scan) => scan.State != ScanState.Suspended
        ? scan with { Suspension = ScanSuspension.Ended, Detail = string.Empty }
        : Over(scan, ScanCause.SuspendedByUser) with
        {
            State = ScanState.Queued,
            Suspension = ScanSuspension.None,
            FailedAttempts = 0,
            Detail = string.Empty,
        };

    /// <summary>Nobody runs it from now on; it goes on behind what is stored.</summary>
    public static ScanRecord Rest(ScanRecord scan, DateTimeOffset now) => scan with
    {
        State = ScanState.Suspended,
        Suspension = ScanSuspension.Asked,
        Finished = null,
        NotBefore = null,
        Cause = ScanCause.SuspendedByUser,
        CauseSince = now,
    };

    public static ScanRecord Overdue(ScanRecord scan, DateTimeOffset now) =>
        Ended(scan, ScanState.Failed, ScanCause.DeadlinePassed, now) with
        {
            Detail = scan.Attempt == 0
                ? $"DeadlinePassed: it was not started by {scan.Deadline:u}."
                : $"DeadlinePassed: not finished by {scan.Deadline:u}.",
        };

    /// <summary>
    /// The engine has not said its last word in the time it has for it: what it may have found since is left out, and
    /// an admin is told so.
    /// </summary>
    public static ScanRecord OverdueUnheard(ScanRecord scan, DateTimeOffset now)
    {
        ScanRecord over = Overdue(scan, now);
        return scan.Attempt == 0 ? over : over with
        {
            Detail = $"{over.Detail} The engine did not deliver its last data in time: what it found since "
                + $"{scan.FindingCount} findings were received is left out, and scanned again by Resume-EngineScan.",
        };
    }

    /// <summary>The engine is there again and has the scan.</summary>
    public static ScanRecord Back(ScanRecord scan, Guid boot) => scan switch
    {
        { IsFinished: true } => scan,
        { EngineBootId: { } before } when before != boot =>
            Over(scan, ScanCause.EngineRestarted) with { EngineBootId = boot },
        { Cause: ScanCause.LinkLost or ScanCause.SpoolFull } => Over(scan, scan.Cause) with { EngineBootId = boot },
        _ => scan with { EngineBootId = boot },
    };

    /// <summary>What kept it is over; it stays to be read. A deadline that has passed is not over.</summary>
    public static ScanRecord Over(ScanRecord scan, ScanCause interruption) => scan with
    {
        Cause = scan.Cause == ScanCause.DeadlinePassed ? scan.Cause : ScanCause.None,
        CauseSince = scan.Cause == ScanCause.DeadlinePassed ? scan.CauseSince : null,
        LastInterruption = interruption,
        Interruptions = scan.Interruptions + 1,
    };

    /// <summary>A scan whose last data is here is kept by nothing any more; its engine may not have said so yet.</summary>
    public static ScanRecord Unhindered(ScanRecord scan) =>
        scan.Cause is ScanCause.LinkLost or ScanCause.SpoolFull or ScanCause.ConsoleFull or ScanCause.QuotaReached
            ? Over(scan, scan.Cause)
            : scan;

    private static ScanRecord End(ScanRecord scan, DateTimeOffset now, ScanRetry retry) => scan.State switch
    {
        // Also when it was asked to stop meanwhile: all was found.
        ScanState.Completed => scan with { Cause = ScanCause.None, CauseSince = null, Detail = Whole(scan) },
        ScanState.Stopped => scan.Cause == ScanCause.DeadlinePassed
            ? Overdue(scan, now)
            : scan is { StopRequested: false, Suspension: ScanSuspension.Asked } ? Rest(scan, now)
            : scan is { StopRequested: false, Suspension: ScanSuspension.Ended } ? GoOn(Rest(scan, now))
            : scan with { Cause = ScanCause.StoppedByUser, CauseSince = now },
        ScanState.Failed => Said(scan.Detail) switch
        {
            // The console's clock decides. An engine's that ran ahead while it was down has ended the scan too soon; if
            // it is this clock that was set back, the scan ends as soon as it is looked at in the queue.
            ScanCause.DeadlinePassed when scan.Cause != ScanCause.DeadlinePassed && scan.Deadline - now > Early =>
                Again(scan, ScanCause.EngineFailed, now, retry),
            ScanCause.DeadlinePassed => Overdue(scan, now),
            ScanCause.Refused => scan with { Cause = ScanCause.Refused, CauseSince = now },
            _ when scan.Cause == ScanCause.DeadlinePassed => Overdue(scan, now),
            _ => Again(scan, ScanCause.EngineFailed, now, retry),
        },
        _ => scan,
    };

    private static ScanRecord Again(ScanRecord scan, ScanCause cause, DateTimeOffset now, ScanRetry retry)
    {
        int failures = scan.FailedAttempts + 1;
        if (failures < scan.MaxAttempts && !scan.StopRequested)
        {
            return scan with
            {
                State = ScanState.Queued,
                Finished = null,
                FailedAttempts = failures,
                NotBefore = now + retry.After(failures),
                Cause = cause,
                CauseSince = now,
            };
        }

        bool exhausted = scan.MaxAttempts > 1 && failures >= scan.MaxAttempts;
        return Ended(scan, ScanState.Failed, exhausted ? ScanCause.RetriesExhausted : cause, now) with
        {
            FailedAttempts = failures,
            Detail = exhausted ? $"{cause}, the last of {failures} runs: {scan.Detail}" : scan.Detail,
        };
    }

    private static ScanRecord Ended(ScanRecord scan, ScanState state, ScanCause cause, DateTimeOffset now) => scan with
    {
        State = state,
        Finished = now,
        NotBefore = null,
        Cause = cause,
        CauseSince = now,
    };

    /// <summary>A scan that lacks something never looks like one that does not, whatever the engine says.</summary>
    private static string Whole(ScanRecord scan)
    {
        long skipped = SkippedUnits.Count(scan);
        string said = scan.Detail.Length == 0 ? string.Empty : $"{scan.Detail}; ";
        return skipped <= 0 ? scan.Detail
            : $"{said}{skipped} {(skipped == 1 ? "attempt was" : "attempts were")} not made: "
                + "Resume-EngineScan tries again";
    }

    /// <summary>An engine begins the detail of a failure with the fault's name (docs/protocol.md).</summary>
    private static ScanCause Said(string detail) => detail.Split(':')[0] switch
    {
        nameof(ScanCause.DeadlinePassed) => ScanCause.DeadlinePassed,
        nameof(FaultCode.ScanRefused) or nameof(FaultCode.TargetInvalid) => ScanCause.Refused,
        _ => ScanCause.EngineFailed,
    };
}
