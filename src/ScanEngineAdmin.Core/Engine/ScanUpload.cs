using System.Diagnostics.CodeAnalysis;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Scans;

namespace ScanEngineAdmin.Core.Engine;

/// <summary>
/// Sends what is spooled for one console over one channel, and drops a batch only when the console has acknowledged it.
/// It starts over from the last acknowledged batch on every channel; the console knows a batch that it has.
/// </summary>
internal sealed class ScanUpload : IAsyncDisposable
{
    private const int BatchesAtOnce = 16;

    // A console makes a plan of a scan's targets for each stream, so one lasts from batch to batch of a slow scan.
    private const int RestBeforeEnd = 15;

    private readonly EngineContext _node;
    private readonly Guid _pairingId;
    private readonly PeerChannel _channel;
    private readonly AsyncSignal _wake;
    private readonly CancellationTokenSource _stop;
    private readonly Task _run;
    private readonly Dictionary<(Guid ScanId, int Attempt), long> _sent = [];
    private readonly HeldNotices _held;
    private bool _acknowledged;

    public ScanUpload(EngineContext node, Guid pairingId, PeerChannel channel, CancellationToken cancellationToken)
    {
        _node = node;
        _wake = new AsyncSignal(node.Options.StoreCheck / 2);
        _pairingId = pairingId;
        _channel = channel;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _held = new HeldNotices(node, pairingId, channel, _stop.Token);
        _run = Task.Run(() => Task.WhenAll(RunAsync(), _held.RunAsync()), CancellationToken.None);
    }

    public void Wake()
    {
        _wake.Set();
        _held.Wake();
    }

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
            for (int failures = 0; !_channel.Completion.IsCompleted;)
            {
                _acknowledged = false;
                bool whole = await TurnAsync().ConfigureAwait(false);
                failures = whole || _acknowledged ? 0 : failures;
                if (whole)
                {
                    continue;
                }

                // A stream may end on a channel that lives (a store was locked for a moment): there is no next channel
                // to wait for then, so a new stream starts over.
                TimeSpan wait = Backoff.After(
                    ++failures, _node.Options.MinRetry, _node.Options.MaxRetry, Random.Shared);
                using var resting = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
                await Task.WhenAny(_channel.Completion, Task.Delay(wait, _node.Time, resting.Token))
                    .ConfigureAwait(false);
                await resting.CancelAsync().ConfigureAwait(false);
                _stop.Token.ThrowIfCancellationRequested();
            }
        }
        catch (Exception) when (_stop.IsCancellationRequested)
        {
            // Another channel takes over, or the engine stops: what is spooled stays.
        }
    }

    /// <summary>Sends what is spooled; with nothing to send it waits, without a stream. False if that broke off.</summary>
    [SuppressMessage(
        "Design",
        "CA1031:Do not catch general exception types",
        Justification = "An upload that dies strands its scans.")]
    private async Task<bool> TurnAsync()
    {
        try
        {
            if (_node.Store.ListScans(_pairingId).Any(IsUndelivered))
            {
                return await StreamAsync().ConfigureAwait(false);
            }

            await _wake.WaitAsync(_node.Options.StoreCheck, _node.Time, _stop.Token).ConfigureAwait(false);
            return true;
        }
        catch (Exception exception) when (!_stop.IsCancellationRequested)
        {
            // A channel that somebody closed is no fault: what is spooled goes over the next one.
            bool closed = exception is ChannelException { Fault: ChannelFault.Closed };
            _node.Log(
                closed ? LogLevel.Information : LogLevel.Warning,
                Events.UploadInterrupted,
                $"Sending scan data stopped, and goes on as soon as it can: {exception.Message}",
                ("pairing", _pairingId.ToString("D")));
            return false;
        }
    }

    private static bool IsUndelivered(EngineScanRecord scan) => scan.AcknowledgedBatch < scan.LastBatch;

    /// <summary>
    /// True when all is acknowledged: a stream costs both ends memory, and a fleet at rest has none. False if the console
    /// ended it before.
    /// </summary>
    private async Task<bool> StreamAsync()
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        _sent.Clear();
        ChannelStream stream = await _channel
            .OpenStreamAsync(Methods.ScanDataStream, default, ended.Token).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            Task sending = SendAsync(stream, ended.Token);
            Task receiving = ReceiveAsync(stream, ended.Token);
            Task first = await Task.WhenAny(sending, receiving).ConfigureAwait(false);
            if (first == sending && sending.IsCompletedSuccessfully)
            {
                // The console ends its half as well, or gives it up; there is nothing more to hear.
                await Task.WhenAny(receiving, Task.Delay(_channel.Options.CloseTimeout, _node.Time, ended.Token))
                    .ConfigureAwait(false);
            }

            await ended.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(sending, receiving).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await first.ConfigureAwait(false);
            if (!sending.IsCompletedSuccessfully)
            {
                _node.Log(
                    LogLevel.Warning,
                    Events.UploadInterrupted,
                    "The console ended the stream of scan data before all was acknowledged; a new one starts over.",
                    ("pairing", _pairingId.ToString("D")));
            }

            return sending.IsCompletedSuccessfully;
        }
    }

    private async Task SendAsync(ChannelStream stream, CancellationToken cancellationToken)
    {
        int idle = 0;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            bool more = false;
            IReadOnlyList<EngineScanRecord> scans = _node.Store.ListScans(_pairingId);
            Forget(scans);
            if (idle >= RestBeforeEnd && !scans.Any(IsUndelivered))
            {
                await stream.CompleteWritingAsync(cancellationToken).ConfigureAwait(false);
                return;
            }

            foreach (EngineScanRecord scan in scans)
            {
                more |= await SendAsync(stream, scan, cancellationToken).ConfigureAwait(false);
            }

            idle = more || await _wake.WaitAsync(_node.Options.StoreCheck, _node.Time, cancellationToken)
                .ConfigureAwait(false) ? 0 : idle + 1;
        }
    }

    /// <summary>What is delivered is remembered no longer: a channel may stay for months.</summary>
    private void Forget(IReadOnlyList<EngineScanRecord> but)
    {
        lock (_sent)
        {
            foreach (var gone in _sent.Keys.Except(but.Select(scan => (scan.ScanId, scan.Attempt))).ToList())
            {
                _sent.Remove(gone);
            }
        }
    }

    /// <summary>Sends a few batches of one scan, so that a large one does not hold up the others.</summary>
    private async Task<bool> SendAsync(
        ChannelStream stream, EngineScanRecord scan, CancellationToken cancellationToken)
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

        bool origins = HelloFacts.From(_channel.Peer.Hello).FindingOrigins;
        bool any = false;
        foreach (ScanBatch batch in _node.Store.ReadBatches(_pairingId, scan.ScanId, scan.Attempt, sent, BatchesAtOnce))
        {
            any = true;

            // Before it is sent: the answer "out of order" takes this back, and may be here before the write returns.
            lock (_sent)
            {
                _sent[(scan.ScanId, scan.Attempt)] = batch.Number;
            }

            await ScanDataWriter.WriteBatchAsync(stream, scan.ScanId, scan.Attempt, batch, cancellationToken, origins)
                .ConfigureAwait(false);
        }

        return any ? true : throw new InvalidDataException(
            $"The spool has no batch of scan {scan.ScanId} after {sent}, and {scan.LastBatch} were written.");
    }

    private async Task ReceiveAsync(ChannelStream stream, CancellationToken cancellationToken)
    {
        var reader = new ScanDataReader(stream);
        while (await reader.ReadAcknowledgementAsync(cancellationToken).ConfigureAwait(false) is { } acknowledged)
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
                        Events.ScanFenced,
                        $"The console refused data of scan {acknowledged.ScanId}, attempt {acknowledged.Attempt}: "
                            + "dropped.",
                        ("scan", acknowledged.ScanId.ToString("D")),
                        ("pairing", _pairingId.ToString("D")));
                    await _node.Scans.DropAsync(_pairingId, acknowledged.ScanId, acknowledged.Attempt)
                        .ConfigureAwait(false);
                    break;
            }
        }
    }

    private void Acknowledge(BatchAcknowledgement acknowledged)
    {
        _node.Store.AcknowledgeBatches(_pairingId, acknowledged.ScanId, acknowledged.Attempt, acknowledged.Number);
        _acknowledged = true;
        _node.Scans.Runs.SpoolTrimmed();
    }
}
