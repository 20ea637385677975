using System.Management.Automation;
using ScanEngineAdmin.Core.Direction;
using ScanEngineAdmin.Core.Engines;
using ScanEngineAdmin.Core.Scans;

namespace ScanEngineAdmin.Pipeline;

/// <summary>What the progress display says of work that a cmdlet waits for.</summary>
internal static class ProgressOf
{
    public static ProgressRecord Engine(EngineRecord engine) => new(
        IdOf(engine.PairingId),
        $"Waiting for engine '{engine.Name}'",
        engine.StatusDetail.Length > 0 ? $"{engine.Status}: {engine.StatusDetail}" : engine.Status.ToString());

    public static ProgressRecord Scan(ScanRecord scan) => new(
        IdOf(scan.ScanId),
        $"Scan {scan.ScanId} at '{scan.EngineName}'",
        $"{scan.State}: {scan.TargetsDone} of {scan.TargetsTotal} targets, {scan.FindingCount} findings")
    {
        PercentComplete = scan.TargetsTotal > 0 ? (int)Math.Min(100, scan.TargetsDone * 100 / scan.TargetsTotal) : -1,
        RecordType = scan.IsFinished ? ProgressRecordType.Completed : ProgressRecordType.Processing,
    };

    public static ProgressRecord Change(string engineName, ChangeRecord change) => new(
        IdOf(change.ChangeId),
        $"Changing engine '{engineName}' to {change.To}",
        change.Detail.Length > 0 ? $"{change.State}: {change.Detail}" : change.State.ToString())
    {
        PercentComplete = change.State switch
        {
            ChangeState.Requested => 5,
            ChangeState.Preparing => 30,
            ChangeState.Proving => 60,
            _ => 90,
        },
        RecordType = change.IsDecided && change.Acknowledged is not null
            ? ProgressRecordType.Completed
            : ProgressRecordType.Processing,
    };

    // One bar per thing that is waited for; the display wants a number that is not negative.
    private static int IdOf(Guid id) => id.GetHashCode() & int.MaxValue;
}
