using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Scans;

namespace ScanEngineAdmin.Pipeline;

/// <summary>Waits for scans side by side; each is written when it is finished.</summary>
internal static class ScanWait
{
    public static async Task<bool> AllAsync(
        ConsoleAdmin admin,
        IEnumerable<Guid> scanIds,
        TimeSpan timeout,
        PipelineWriter writer,
        CancellationToken cancellationToken)
    {
        await Task.WhenAll(scanIds.Select(id => OneAsync(admin, id, timeout, writer, cancellationToken)))
            .ConfigureAwait(false);
        return true;
    }

    private static async Task OneAsync(
        ConsoleAdmin admin, Guid scanId, TimeSpan timeout, PipelineWriter writer, CancellationToken cancellationToken)
    {
        try
        {
            ScanRecord scan = await admin.WaitScanAsync(
                scanId, timeout, now => writer.Progress(ProgressOf.Scan(now)), cancellationToken).ConfigureAwait(false);
            writer.Object(new EngineScan(scan, admin.Folder.Root));
        }
        catch (ScanEngineException fault)
        {
            writer.Error(FaultRecord.Of(fault, scanId));
        }
    }
}
