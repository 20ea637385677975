using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Core.Scans;

namespace ScanEngineAdmin.Core.Engine;

/// <summary>
/// Sends what is spooled for one console over one channel, and drops a batch only when the console has acknowledged it.
/// It starts over from the last acknowledged batch on every channel; the console knows a batch that it has.
/// </summary>
internal sealed class ScanUpload : IAsyncDisposable
{
    private const int BatchesAtOnce = 16;

    private readonly EngineContext _node;
    private readonly Guid _pairingId;
    private readonly PeerChannel _channel;
    private readonly AsyncSignal _wake = new();
    private readonly CancellationTokenSource _stop;
    private readonly Task _run;
    private readonly Dictionary<(Guid ScanId, int Attempt), long> _sent = [];

    public ScanUpload(EngineContext node, Guid pairingId, PeerChannel channel, CancellationToken cancellationToken)
    {
        _node = node;
        _pairingId = pairingId;
        _channel = channel;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _run = Task.Run(RunAsync, CancellationToken.None);
    }

    public void Wake() => _wake.Set();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _run.ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            ChannelStream stream = await _channel
                .OpenStreamAsync(Methods.ScanDataStream, default, _stop.Token).ConfigureAwait(false);
            await using (stream.ConfigureAwait(false))
            {
                Task sending = SendAsync(stream);
                Task receiving = ReceiveAsync(stream);
                await Task.WhenAny(sending, receiving).ConfigureAwait(false);
                await _stop.CancelAsync().ConfigureAwait(false);
                await Task.WhenAll(sending, receiving).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // Another channel takes over, or the engine stops: what is spooled stays.
        }
        catch (Exception exception) when (exception is ChannelException or ScanEngineException or PeerRequestException)
        {
            _node.Log(
                LogLevel.Warning,
                "UploadInterrupted",
                $"Sending scan data stopped, and goes on over the next channel: {exception.Message}",
                ("pairing", _pairingId.ToString("D")));
        }
    }

    private async Task SendAsync(ChannelStream stream)
    {
        while (true)
        {
            bool more = false;
            foreach (EngineScanRecord scan in _node.Store.ListScans(_pairingId))
            {
                more |= await SendAsync(stream, scan).ConfigureAwait(false);
            }

            if (!more)
            {
                await _wake.WaitAsync(_node.Options.StoreCheck, _node.Time, _stop.Token).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Sends a few batches of one scan, so that a large one does not hold up the others.</summary>
    private async Task<bool> SendAsync(ChannelStream stream, EngineScanRecord scan)
    {
        long sent;
        lock (_sent)
        {
            sent = _sent.TryGetValue((scan.ScanId, scan.Attempt), out long known) ? known : scan.AcknowledgedBatch;
        }

        if (sent >= scan.LastBatch)
        {
            return false;
        }

        foreach (ScanBatch batch in _node.Store.ReadBatches(_pairingId, scan.ScanId, scan.Attempt, sent, BatchesAtOnce))
        {
            await ScanDataWriter.WriteBatchAsync(stream, scan.ScanId, scan.Attempt, batch, _stop.Token).ConfigureAwait(false);
            lock (_sent)
            {
                _sent[(scan.ScanId, scan.Attempt)] = batch.Number;
            }
        }

        return true;
    }

    private async Task ReceiveAsync(ChannelStream stream)
    {
        var reader = new ScanDataReader(stream);
        while (await reader.ReadAcknowledgementAsync(_stop.Token).ConfigureAwait(false) is { } acknowledged)
        {
            switch (acknowledged.Outcome)
            {
                case BatchOutcome.Stored or BatchOutcome.Duplicate:
                    Acknowledge(acknowledged);
                    break;
                case BatchOutcome.OutOfOrder:
                    lock (_sent)
                    {
                        _sent.Remove((acknowledged.ScanId, acknowledged.Attempt));
                    }

                    _wake.Set();
                    break;
                default:
                    // The console has no use for this attempt any more.
                    _node.Log(
                        LogLevel.Warning,
                        "ScanFenced",
                        $"The console refused data of scan {acknowledged.ScanId}, attempt {acknowledged.Attempt}: dropped.",
                        ("scan", acknowledged.ScanId.ToString("D")));
                    await _node.Scans.DropAsync(_pairingId, acknowledged.ScanId, acknowledged.Attempt).ConfigureAwait(false);
                    break;
            }
        }
    }

    private void Acknowledge(BatchAcknowledgement acknowledged)
    {
        _node.Store.AcknowledgeBatches(_pairingId, acknowledged.ScanId, acknowledged.Attempt, acknowledged.Number);
        _node.Scans.SpoolTrimmed();
        EngineScanRecord? scan = _node.Store.GetScan(_pairingId, acknowledged.ScanId);
        if (scan is { State: not ScanState.Running } && scan.Attempt == acknowledged.Attempt
            && acknowledged.Number >= scan.LastBatch)
        {
            _node.Store.RemoveScan(_pairingId, acknowledged.ScanId);
        }
    }
}
