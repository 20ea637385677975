using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin;

/// <summary>A scan as the console's store holds it.</summary>
public sealed class EngineScan
{
    internal EngineScan(ScanRecord scan, string dataPath)
    {
        ScanId = scan.ScanId;
        EngineName = scan.EngineName;
        IsPool = scan.IsPool;
        State = scan.State;
        Attempt = scan.Attempt;
        Queued = scan.Queued.LocalDateTime;
        Started = InputParser.Local(scan.Started);
        Finished = InputParser.Local(scan.Finished);
        TargetsTotal = scan.TargetsTotal;
        TargetsDone = scan.TargetsDone;
        FindingCount = scan.FindingCount;
        Cause = scan.Cause;
        CauseSince = InputParser.Local(scan.CauseSince);
        LastInterruption = scan.LastInterruption;
        Interruptions = scan.Interruptions;
        Deadline = InputParser.Local(scan.Deadline);
        Priority = scan.Priority;
        MaxAttempts = scan.MaxAttempts;
        RetryAt = InputParser.Local(scan.NotBefore);
        Detail = scan.Detail;
        // An array: PowerShell cannot index what a collection expression makes of a read-only list.
        Targets = new TextList(scan.Request.Targets);
        Ports = scan.Request.Ports;
        Timeout = scan.Request.Timeout;
        Parallelism = scan.Request.Parallelism;
        MaxRate = scan.Request.MaxRate;
        Scanner = scan.Request.Scanner;
        ScheduleName = scan.Schedule;
        DataPath = dataPath;
    }

    public Guid ScanId { get; }

    /// <summary>The engine that scans, or the pool whose engines share the scan.</summary>
    public string EngineName { get; }

    /// <summary>Whether a pool's engines share it: its findings name them.</summary>
    public bool IsPool { get; }

    public ScanState State { get; }

    public int Attempt { get; }

    public DateTime Queued { get; }

    public DateTime? Started { get; }

    public DateTime? Finished { get; }

    public long TargetsTotal { get; }

    public long TargetsDone { get; }

    public long FindingCount { get; }

    /// <summary>Why it does not go on now, or did not end well.</summary>
    public ScanCause Cause { get; }

    public DateTime? CauseSince { get; }

    /// <summary>The last cause that kept it and is over.</summary>
    public ScanCause LastInterruption { get; }

    public int Interruptions { get; }

    public DateTime? Deadline { get; }

    public ScanPriority Priority { get; }

    public int MaxAttempts { get; }

    /// <summary>A scan that is queued again is not started before.</summary>
    public DateTime? RetryAt { get; }

    /// <summary>Why it failed or was stopped, or what it could not do.</summary>
    public string Detail { get; }

    /// <summary>What is scanned.</summary>
    public TextList Targets { get; }

    /// <summary>The ports and port ranges.</summary>
    public string Ports { get; }

    /// <summary>How long a port may take to answer.</summary>
    public TimeSpan Timeout { get; }

    /// <summary>Connection attempts under way at once, at most.</summary>
    public int Parallelism { get; }

    /// <summary>Connection attempts started per second, at most; 0 for no limit but the engine's own.</summary>
    public int MaxRate { get; }

    /// <summary>What scans.</summary>
    public ScannerKind Scanner { get; }

    /// <summary>The schedule whose run it is; none of a scan that was started by hand.</summary>
    public string? ScheduleName { get; }

    /// <summary>The data folder of the console whose scan it is.</summary>
    public string DataPath { get; }

    public override string ToString() => ScanId.ToString();
}
