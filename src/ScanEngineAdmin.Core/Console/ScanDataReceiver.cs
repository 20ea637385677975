using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Scanning.Plan;

namespace ScanEngineAdmin.Core.Console;

/// <summary>The console's end of a stream of scan data: stores each batch, and acknowledges it only then.</summary>
internal static class ScanDataReceiver
{
    /// <summary>
    /// Of batches without a finding that is new: each is a transaction of the store, and an engine could send them
    /// without end. An honest one has a few, of which most are the last of a scan.
    /// </summary>
    public const int EmptyBatchesPerSecond = 50;

    public static async Task RunAsync(
        ConsoleContext node, EngineLink link, ChannelStream stream, CancellationToken cancellationToken)
    {
        var reader = new ScanDataReader(stream);
        var check = new BatchCheck(node, link.PairingId);
        var met = new SeenAttempts();
        var hold = new ScanDataHold(node, link);
        while (await reader.ReadBatchAsync(cancellationToken).ConfigureAwait(false) is { } message)
        {
            bool first = met.IsFirst(message.ScanId, message.Attempt);
            int added = 0;
            BatchOutcome outcome = await hold
                .TakeAsync(
                    message, first, () => Take(node, link, check, message, count => added += count), cancellationToken)
                .ConfigureAwait(false);
            if (first && outcome == BatchOutcome.OutOfOrder)
            {
                outcome = RunAgain(node, link, message);
            }

            if (added == 0)
            {
                await PaceAsync(node, link, cancellationToken).ConfigureAwait(false);
            }

            met.Note(message.ScanId, message.Attempt, outcome, message.Batch.Final is not null);
            await ScanDataWriter.WriteAcknowledgementAsync(
                stream,
                new BatchAcknowledgement(message.ScanId, message.Attempt, message.Batch.Number, outcome),
                cancellationToken)
                .ConfigureAwait(false);
            if (outcome == BatchOutcome.Stored)
            {
                NodeMetrics.Findings(NodeRole.Console, message.Batch.Findings.Count);
            }

            if (outcome == BatchOutcome.Stored && message.Batch.Final is { } final)
            {
                NodeMetrics.ScanFinished(final);
                node.Log(
                    LogLevel.Information,
                    Events.ScanFinished,
                    $"Scan {message.ScanId} {final}.",
                    ("scan", message.ScanId.ToString("D")),
                    ("pairing", link.PairingId.ToString("D")),
                    ("state", final.ToString()));
                link.Wake();
                node.Pools.Wake();
            }
        }

        await stream.CompleteWritingAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Nothing more is read meanwhile, so the engine waits.</summary>
    private static async Task PaceAsync(ConsoleContext node, EngineLink link, CancellationToken cancellationToken)
    {
        while (!link.EmptyBatches.TryTake())
        {
            await Task.Delay(TimeSpan.FromSeconds(1) / EmptyBatchesPerSecond, node.Time, cancellationToken)
                .ConfigureAwait(false);
        }
    }

    private static BatchOutcome Take(
        ConsoleContext node, EngineLink link, BatchCheck check, ScanDataMessage message, Action<int> added)
    {
        string? flaw;
        try
        {
            flaw = check.Flaw(message.ScanId, message.Batch);
        }
        catch (ScanEngineException exception) when (ScanOutcome.IsBeyondLimits(exception))
        {
            node.Store.UpdateScan(message.ScanId, scan => scan.Attempt != message.Attempt
                ? scan : ScanOutcome.BeyondLimits(scan, node.Now, exception));
            link.Wake();
            node.Pools.Wake();
            return BatchOutcome.Fenced;
        }

        if (flaw is null)
        {
            return node.Store.SaveBatch(
                link.PairingId,
                message.ScanId,
                message.Attempt,
                BatchCheck.Shown(message.Batch),
                node.Now,
                link.Scans.Settle,
                added);
        }

        // Not the whole channel: its other scans may be sound, and this attempt is fenced from now on.
        check.Forget(message.ScanId);
        bool failed = false;
        node.Store.UpdateScan(message.ScanId, scan =>
        {
            failed = !scan.IsFinished && scan.Attempt == message.Attempt;
            return !failed ? scan : scan with
            {
                State = ScanState.Failed,
                Finished = node.Now,
                Cause = ScanCause.ProtocolViolation,
                CauseSince = node.Now,
                Detail = $"ProtocolViolation: the engine sent data that does not belong to the scan: {flaw}.",
            };
        });
        if (!failed)
        {
            return BatchOutcome.Fenced;
        }

        node.Log(
            LogLevel.Error,
            Events.ScanDataRefused,
            $"Data for scan {message.ScanId}, attempt {message.Attempt}, was refused: {flaw}.",
            ("scan", message.ScanId.ToString("D")),
            ("pairing", link.PairingId.ToString("D")));
        if (node.Store.GetEngine(link.PairingId) is { } engine)
        {
            string by = engine.ObservedAddress ?? string.Empty;
            node.Audit(Events.ScanDataRefused, engine, by, $"{message.ScanId:D}: {flaw}");
        }

        link.Wake();
        node.Pools.Wake();
        return BatchOutcome.Fenced;
    }

    /// <summary>
    /// An engine begins every stream behind the last batch that was acknowledged, and none is acknowledged that is not
    /// stored: a gap at the beginning says that this store was restored from a backup made before. What was in between
    /// is nowhere any more, so the scan is run again, under a new attempt; no hole is left in silence.
    /// </summary>
    private static BatchOutcome RunAgain(ConsoleContext node, EngineLink link, ScanDataMessage message)
    {
        bool again = false;
        node.Store.UpdateScan(message.ScanId, scan =>
        {
            again = scan.PairingId == link.PairingId && scan.Attempt == message.Attempt
                && scan.State is ScanState.Dispatched or ScanState.Running && scan.LastBatch + 1 < message.Batch.Number;
            return !again ? scan : scan with
            {
                State = ScanState.Queued,
                LastBatch = 0,
                Detail = "Results that had been received were lost with the store; the scan is run again.",
            };
        });
        if (!again)
        {
            return BatchOutcome.OutOfOrder;
        }

        node.Log(
            LogLevel.Warning,
            Events.ScanResultsLost,
            $"Scan {message.ScanId} is run again: results up to batch {message.Batch.Number - 1} were acknowledged, "
                + "and this store does not have them. It was restored from a backup.",
            ("scan", message.ScanId.ToString("D")),
            ("pairing", link.PairingId.ToString("D")));
        link.Wake();
        return BatchOutcome.Fenced;
    }
}
