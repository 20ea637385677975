using System.Management.Automation;
using ScanEngineAdmin.Core.Certificates;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Scans;

namespace ScanEngineAdmin.Pipeline;

/// <summary>What the progress display says of work that a cmdlet waits for.</summary>
internal static class ProgressOf
{
    // Any number that is no other bar's of the same cmdlet.
    private const int FleetBar = 1;
    private const int CertificateBar = 2;

    public static ProgressRecord Engine(EngineRecord engine) => new(
        IdOf(engine.PairingId),
        $"Waiting for engine '{engine.Name}'",
        engine.StatusDetail.Length > 0 ? $"{engine.Status}: {engine.StatusDetail}" : engine.Status.ToString());

    public static ProgressRecord Scan(ScanRecord scan) => new(
        IdOf(scan.ScanId),
        $"Scan {scan.ScanId} at '{scan.EngineName}'",
        $"{scan.State}{(scan.Cause == ScanCause.None ? string.Empty : $" ({scan.Cause})")}: {scan.TargetsDone} of "
            + $"{scan.TargetsTotal} targets, {scan.FindingCount} findings")
    {
        PercentComplete = scan.TargetsTotal > 0 ? (int)Math.Min(100, scan.TargetsDone * 100 / scan.TargetsTotal) : -1,
        RecordType = scan.IsFinished ? ProgressRecordType.Completed : ProgressRecordType.Processing,
    };

    /// <summary>Which peers do not know a certificate yet.</summary>
    public static ProgressRecord Certificate(CertificateReport report)
    {
        int lagging = report.Lagging.Count;
        int peers = Math.Max(1, report.Peers.Count);
        return new ProgressRecord(
            CertificateBar,
            $"Replacing the certificate of the {report.Role}",
            lagging == 0 ? $"{report.Phase}" : $"{report.Phase}: waiting for {lagging} of {report.Peers.Count} peers")
        {
            PercentComplete = (peers - Math.Min(lagging, peers)) * 100 / peers,
            RecordType = report.Phase == CertificatePhase.Settled
                ? ProgressRecordType.Completed : ProgressRecordType.Processing,
        };
    }

    /// <summary>One bar for all engines whose direction is changed together.</summary>
    public static ProgressRecord Fleet(
        int count, int done, int failed, IReadOnlyCollection<ChangeRecord?>? underWay, bool over)
    {
        double share = underWay?.Sum(change => Share(change?.State)) ?? 0;
        string stages = string.Join(", ", (underWay ?? [])
            .GroupBy(change => change?.State.ToString() ?? "Beginning")
            .OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => $"{group.Count()} {group.Key}"));
        string single = underWay is { Count: 1 } && underWay.First() is { Detail.Length: > 0 } change
            ? $": {change.Detail}"
            : string.Empty;
        return new ProgressRecord(
            FleetBar,
            count == 1 ? "Changing the direction of an engine" : $"Changing the direction of {count} engines",
            $"{done} done, {failed} failed{(stages.Length > 0 ? ", " : string.Empty)}{stages}{single}")
        {
            PercentComplete = (int)Math.Min(100, (done + failed + share) * 100 / Math.Max(1, count)),
            RecordType = over ? ProgressRecordType.Completed : ProgressRecordType.Processing,
        };
    }

    private static double Share(ChangeState? state) => state switch
    {
        null => 0,
        ChangeState.Requested => 0.05,
        ChangeState.Preparing => 0.3,
        ChangeState.Proving => 0.6,
        _ => 0.9,
    };

    // One bar per thing that is waited for; the display wants a number that is not negative.
    public static int IdOf(Guid id) => id.GetHashCode() & int.MaxValue;
}
