using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Scanning.Plan;

namespace ScanEngineAdmin.Core.Console;

/// <summary>
/// Waits with a batch for which there is no room, as long as it takes: it is not acknowledged, so the engine keeps it
/// and what follows. The scan says why, and a scan that is stopped or removed meanwhile waits no longer.
/// </summary>
internal sealed class ScanDataHold(ConsoleContext node, EngineLink link)
{
    public async Task<BatchOutcome> TakeAsync(
        ScanDataMessage message, bool first, Func<BatchOutcome> take, CancellationToken cancellationToken)
    {
        for (bool held = first; ; held = true)
        {
            ScanCause cause;
            try
            {
                BatchOutcome outcome = take();
                if (held)
                {
                    Over(message);
                }

                return outcome;
            }
            catch (ScanEngineException exception) when (exception.Code is FaultCode.StoreFull or FaultCode.QuotaReached)
            {
                cause = exception.Code == FaultCode.StoreFull ? ScanCause.ConsoleFull : ScanCause.QuotaReached;
                Say(message, cause, exception);
                if (!IsWanted(message))
                {
                    // Stopped, removed or begun again: the engine need not keep it.
                    return BatchOutcome.Fenced;
                }
            }

            if (cause == ScanCause.QuotaReached)
            {
                // Finished scans of that engine may make room.
                node.Upkeep.Wake();
            }

            await Task.Delay(node.Options.StoreCheck, node.Time, cancellationToken).ConfigureAwait(false);
        }
    }

    private void Say(ScanDataMessage message, ScanCause cause, ScanEngineException why)
    {
        bool said = false;
        TryUpdate(message, scan =>
        {
            if (scan.StopRequested)
            {
                // What it still has will not be stored: its admin wants an end, and it can be resumed from here.
                return ScanOutcome.Stopped(
                    scan, node.Now, $"Stopped while there was no room for what was found since: {why.Code}.");
            }

            said = scan.Cause != cause && scan.Cause != ScanCause.DeadlinePassed;
            return !said ? scan : scan with { Cause = cause, CauseSince = node.Now };
        });
        if (said)
        {
            node.LogPeer(
                link.PairingId,
                LogLevel.Warning,
                Events.ScanDataWaits,
                $"Data of scan {message.ScanId} waits at its engine: {why.Message} {why.Recommendation}",
                ("scan", message.ScanId.ToString("D")),
                ("fault", why.Code.ToString()));
        }
    }

    private bool IsWanted(ScanDataMessage message) =>
        node.Store.GetScan(message.ScanId) is { IsFinished: false } scan
        && scan.Attempt == message.Attempt && scan.PairingId == link.PairingId;

    private void Over(ScanDataMessage message) => TryUpdate(message, scan =>
        scan.Cause is ScanCause.ConsoleFull or ScanCause.QuotaReached ? ScanOutcome.Over(scan, scan.Cause) : scan);

    private void TryUpdate(ScanDataMessage message, Func<ScanRecord, ScanRecord> change)
    {
        try
        {
            if (node.Store.GetScan(message.ScanId) is { } now && now != Changed(now))
            {
                node.Store.UpdateScan(message.ScanId, Changed);
            }
        }
        catch (ScanEngineException)
        {
            // The disk has not even room for that: the log and the status have said so.
        }

        ScanRecord Changed(ScanRecord scan) =>
            scan.IsFinished || scan.Attempt != message.Attempt || scan.PairingId != link.PairingId
                ? scan
                : change(scan);
    }
}
