using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Scans;

namespace ScanEngineAdmin.Scanning.Plan;

/// <summary>What becomes of a part of a pool's scan: it is never run again itself, its rest is given on.</summary>
internal static class PartOutcome
{
    /// <summary>A part's last batch was stored, or its engine came back without it: it is never run again itself.</summary>
    public static ScanRecord Settle(ScanRecord part, DateTimeOffset now, TimeSpan lease)
    {
        part = ScanOutcome.Unhindered(part);
        bool asked = part.StopRequested || part.Suspension != ScanSuspension.None;
        bool overtime = part.State == ScanState.Failed && Says(part, FaultCode.DeadlinePassed);

        // An engine that ends parts without being asked, or long before its time, fails.
        bool own = part.State == ScanState.Stopped
            ? asked
            : overtime && (asked || now - part.Queued >= lease / 2 || part.Deadline - now <= ScanOutcome.Early);
        return part switch
        {
            { State: ScanState.Completed } => part with { Cause = ScanCause.None, CauseSince = null },
            { State: ScanState.Stopped } or { State: ScanState.Failed } when own => part with
            {
                State = ScanState.Stopped,
                Cause = ScanCause.None,
                CauseSince = null,
            },
            { State: ScanState.Stopped } => Failed(part, now, "The engine ended it unasked."),
            { State: ScanState.Failed } => Says(part, FaultCode.ScanRefused) || Says(part, FaultCode.TargetInvalid)
                ? part with { Cause = ScanCause.Refused, CauseSince = now }
                : Failed(part, now, part.Detail),
            _ => part,
        };
    }

    /// <summary>The engine came back without it.</summary>
    public static ScanRecord Lose(ScanRecord part, DateTimeOffset now) => part switch
    {
        { IsFinished: true } => part,
        { StopRequested: true } or { Suspension: not ScanSuspension.None } =>
            part with { State = ScanState.Stopped, Finished = now },
        _ => Failed(part, now, "The engine had lost the part.") with { Cause = ScanCause.SpoolLost },
    };

    /// <summary>Its engine's time is over, and the engine has not said how far it came: what is stored is kept.</summary>
    public static ScanRecord Withdraw(ScanRecord part, DateTimeOffset now) => part.IsFinished ? part : part with
    {
        State = ScanState.Stopped,
        Finished = now,
        NotBefore = null,
        Cause = ScanCause.LinkLost,
        CauseSince = now,
        Detail = "The engine was away for too long.",
    };

    private static ScanRecord Failed(ScanRecord part, DateTimeOffset now, string detail) => part with
    {
        State = ScanState.Failed,
        Finished = part.Finished ?? now,
        Cause = ScanCause.EngineFailed,
        CauseSince = now,
        Detail = detail,
    };

    /// <summary>An engine begins the detail of a failure with the fault's name (docs/protocol.md).</summary>
    private static bool Says(ScanRecord part, FaultCode fault) => part.Detail.Split(':')[0] == fault.ToString();
}
