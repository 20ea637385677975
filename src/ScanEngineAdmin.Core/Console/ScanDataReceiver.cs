using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Core.Scans;

namespace ScanEngineAdmin.Core.Console;

/// <summary>The console's end of a stream of scan data: stores each batch, and acknowledges it only then.</summary>
internal static class ScanDataReceiver
{
    public static async Task RunAsync(
        ConsoleContext node, EngineLink link, ChannelStream stream, CancellationToken cancellationToken)
    {
        var reader = new ScanDataReader(stream);
        while (await reader.ReadBatchAsync(cancellationToken).ConfigureAwait(false) is { } message)
        {
            BatchOutcome outcome = node.Store.SaveBatch(
                link.PairingId, message.ScanId, message.Attempt, message.Batch, node.Now);
            await ScanDataWriter.WriteAcknowledgementAsync(
                stream, new BatchAcknowledgement(message.ScanId, message.Attempt, message.Batch.Number, outcome), cancellationToken)
                .ConfigureAwait(false);
            if (outcome == BatchOutcome.Stored && message.Batch.Final is { } final)
            {
                node.Log(
                    LogLevel.Information,
                    "ScanFinished",
                    $"Scan {message.ScanId} {final}.",
                    ("scan", message.ScanId.ToString("D")),
                    ("state", final.ToString()));
                link.Wake();
            }
        }
    }
}
