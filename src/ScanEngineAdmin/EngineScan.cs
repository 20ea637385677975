using ScanEngineAdmin.Core.Scans;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin;

/// <summary>A scan as the console's store holds it.</summary>
public sealed class EngineScan
{
    internal EngineScan(ScanRecord scan)
    {
        ScanId = scan.ScanId;
        EngineName = scan.EngineName;
        State = scan.State;
        Attempt = scan.Attempt;
        Queued = scan.Queued.LocalDateTime;
        Started = Typed.Local(scan.Started);
        Finished = Typed.Local(scan.Finished);
        TargetsTotal = scan.TargetsTotal;
        TargetsDone = scan.TargetsDone;
        FindingCount = scan.FindingCount;
        Detail = scan.Detail;
    }

    public Guid ScanId { get; }

    public string EngineName { get; }

    public ScanState State { get; }

    public int Attempt { get; }

    public DateTime Queued { get; }

    public DateTime? Started { get; }

    public DateTime? Finished { get; }

    public long TargetsTotal { get; }

    public long TargetsDone { get; }

    public long FindingCount { get; }

    /// <summary>Why it failed or was stopped, or what it could not do.</summary>
    public string Detail { get; }

    public override string ToString() => ScanId.ToString();
}
