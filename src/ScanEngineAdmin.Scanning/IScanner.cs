using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Scanning.Plan;

namespace ScanEngineAdmin.Scanning;

/// <summary>Runs scans on an engine.</summary>
internal interface IScanner
{
    /// <summary>
    /// Scans from a cursor on. Every batch but the last is delivered, one at a time and awaited: a slow consumer slows
    /// the scan down. The last is returned: it says Completed, Failed, or Stopped when <paramref name="stop"/> was
    /// cancelled, with what was found until then. (An engine that stops to go on later keeps the batch without its
    /// Final.) Throws ScanRefused when the policy forbids a target or the scanner; what the delivery throws ends the
    /// scan and is thrown on.
    /// </summary>
    /// <param name="plan">What to scan.</param>
    /// <param name="cursor">Units below it are done: 0, or the cursor of the last batch that was kept.</param>
    /// <param name="lastBatch">The number of the last batch that was kept; 0 for none.</param>
    /// <param name="deliver">Keeps a batch. It takes no token: a batch half kept at a stop would be a gap.</param>
    /// <param name="goesOn">
    /// Asked at a stop: whether another run goes on from there. Then an open port that was not heard out is left to it.
    /// </param>
    /// <param name="isOver">Asked before every attempt: whether none may be made any more, although no stop came.</param>
    /// <param name="stop">Ends the scan within moments.</param>
    Task<ScanBatch> RunAsync(
        ScanPlan plan,
        long cursor,
        long lastBatch,
        Func<ScanBatch, ValueTask> deliver,
        Func<bool> goesOn,
        Func<bool> isOver,
        CancellationToken stop);
}
