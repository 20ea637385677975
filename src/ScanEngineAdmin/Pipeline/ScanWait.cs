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
        Guid[] ids = [.. scanIds];
        var bars = new ProgressTree(writer, "Waiting for scans", ids.Length);
        await Task.WhenAll(ids.Select(id => OneAsync(admin, id, timeout, writer, bars, cancellationToken)))
            .ConfigureAwait(false);
        return true;
    }

    private static async Task OneAsync(
        ConsoleAdmin admin, Guid scanId, TimeSpan timeout, PipelineWriter writer, ProgressTree bars,
        CancellationToken cancellationToken)
    {
        try
        {
            ScanRecord scan = await admin.Scans.WaitAsync(
                scanId, timeout, now => bars.Show(ProgressOf.Scan(now)), cancellationToken).ConfigureAwait(false);
            if (scan is { State: ScanState.Completed, Detail.Length: > 0 })
            {
                writer.Warning($"Scan {scanId} from engine '{scan.EngineName}': {scan.Detail}");
            }

            writer.Object(new EngineScan(scan, admin.Folder.Root));
        }
        catch (ScanEngineException fault)
        {
            writer.Error(FaultRecord.Of(Late(admin, scanId, fault), scanId));
        }
        finally
        {
            bars.End(ProgressOf.IdOf(scanId), $"Scan {scanId}");
        }
    }

    /// <summary>Nobody runs a queued scan while no console runs, and that is what has to be said.</summary>
    public static ScanEngineException NotRunning(ConsoleAdmin admin, string what) => new(
        FaultCode.ConsoleNotRunning,
        $"{what} No Security Console runs on '{admin.Folder.Root}'.",
        "Start it (Start-SecurityConsole, or its service); the scan then goes on by itself, and Wait-EngineScan waits.",
        admin.Folder.Root);

    private static ScanEngineException Late(ConsoleAdmin admin, Guid scanId, ScanEngineException fault) =>
        fault.Code == FaultCode.TimedOut && !admin.Describe().IsRunning
            ? NotRunning(admin, $"Scan {scanId} did not finish in time.")
            : fault;
}
