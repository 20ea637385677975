using ScanEngineAdmin.Core.Engines;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Core.Storage;

namespace ScanEngineAdmin.Core.Scans;

/// <summary>An admin's half of a scan: the row that the running console dispatches from.</summary>
internal sealed class ScanQueue(IConsoleStore store, NodeDesk desk)
{
    public ScanRecord Add(EngineRecord engine, ScanRequest request)
    {
        EngineAccess.RequirePaired(engine);
        ScanPlan plan = ScanPlan.Create(request);
        var scan = new ScanRecord
        {
            ScanId = Guid.NewGuid(),
            PairingId = engine.PairingId,
            EngineName = engine.Name,
            Request = request with { Ports = plan.Ports.ToString() },
            State = ScanState.Queued,
            Queued = desk.Time.GetUtcNow(),
            TargetsTotal = plan.Targets.Count,
        };
        store.AddScan(scan);
        desk.Done(
            "ScanQueued",
            engine.PairingId,
            engine.Name,
            $"{scan.ScanId:D}: {plan.Targets.Count} targets, {plan.Ports.Count} ports");
        return scan;
    }

    public ScanRecord Stop(Guid scanId)
    {
        ScanRecord stopped = store.UpdateScan(scanId, scan => scan switch
        {
            { IsFinished: true } => scan,

            // Nobody has it yet: there is nobody to ask.
            { State: ScanState.Queued } => scan with
            {
                State = ScanState.Stopped,
                StopRequested = true,
                Finished = desk.Time.GetUtcNow(),
                Detail = "Stopped before it was sent to the engine.",
            },
            _ => scan with { StopRequested = true },
        }) ?? throw NotFound(scanId);
        desk.Done("ScanStopped", stopped.PairingId, stopped.EngineName, $"{scanId:D}");
        return stopped;
    }

    public void Remove(Guid scanId)
    {
        ScanRecord scan = store.GetScan(scanId) ?? throw NotFound(scanId);
        if (!scan.IsFinished)
        {
            throw new ScanEngineException(
                FaultCode.ScanNotFinished,
                $"Scan {scanId:D} of engine '{scan.EngineName}' is {scan.State}.",
                $"Stop-EngineScan -ScanId {scanId:D}, then wait for it: Wait-EngineScan -ScanId {scanId:D}",
                $"{scanId:D}");
        }

        store.RemoveScan(scanId);
        desk.Done("ScanRemoved", scan.PairingId, scan.EngineName, $"{scanId:D}");
    }

    public async Task<ScanRecord> WaitAsync(
        Guid scanId, TimeSpan timeout, Action<ScanRecord>? progress, CancellationToken cancellationToken)
    {
        ScanRecord? last = null;
        return await desk.WatchAsync(
            () => last = store.GetScan(scanId) ?? throw NotFound(scanId),
            scan => scan.IsFinished,
            timeout,
            progress,
            cancellationToken).ConfigureAwait(false)
            ?? throw new ScanEngineException(
                FaultCode.TimedOut,
                $"Scan {scanId:D} of engine '{last?.EngineName}' is {last?.State} after {timeout.TotalSeconds:0.#} s "
                    + $"({last?.TargetsDone} of {last?.TargetsTotal} targets).",
                desk.IsRunning ? "It goes on; wait longer, or stop it with Stop-EngineScan." : "Start-SecurityConsole",
                $"{scanId:D}");
    }

    private static ScanEngineException NotFound(Guid scanId) => new(
        FaultCode.ScanNotFound,
        $"There is no scan {scanId:D} at this console.",
        "Get-EngineScan lists those that there are.",
        $"{scanId:D}");
}
