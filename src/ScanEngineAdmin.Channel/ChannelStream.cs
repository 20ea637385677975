using ScanEngineAdmin.Channel.Streams;
using ScanEngineAdmin.Channel.Wire;

namespace ScanEngineAdmin.Channel;

/// <summary>
/// One of the streams of a channel: bytes in order both ways, each way with its own credit. One read and one write at a
/// time. It is finished when both ends have completed writing; disposing it before that resets it, so read to the end
/// first.
/// </summary>
public sealed class ChannelStream : IAsyncDisposable, IBatchItem
{
    private readonly PeerChannel _channel;
    private readonly SendSide _send;
    private readonly ReceiveSide _receive;
    private CancellationTokenSource? _handling;

    internal ChannelStream(PeerChannel channel, ushort kind, byte[] header, bool isOurs, uint id, long credit)
    {
        _channel = channel;
        Kind = kind;
        Header = header;
        IsOurs = isOurs;
        Id = id;
        _send = new SendSide(this, channel.Writer, credit);
        _receive = new ReceiveSide(
            this,
            channel,
            new ReceiveWindow(channel.Runtime.Options, channel.Runtime.Credit, channel.Streams.LargestWindow));
        _handling = isOurs ? null : new CancellationTokenSource();
    }

    /// <summary>What the stream is for; of the layer above.</summary>
    public ushort Kind { get; }

    /// <summary>What the opener sent with it.</summary>
    public ReadOnlyMemory<byte> Header { get; }

    internal uint Id { get; }

    internal bool IsOurs { get; }

    internal int InitialWindow => _channel.Runtime.Options.InitialWindow;

    /// <summary>Whether other streams of the channel may want to send as well. Under the writer's gate.</summary>
    internal bool HasCompany => _channel.Streams.Count > 1;

    internal SendSide Sending => _send;

    internal ReceiveSide Receiving => _receive;

    /// <summary>
    /// Returns when the bytes are queued and credit was there for them. If it is cancelled after a part was queued, the
    /// stream is reset.
    /// </summary>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled(cancellationToken);
        }

        ValueTask written;
        lock (_channel.Writer.Gate)
        {
            written = _send.WriteAsync(bytes, cancellationToken);
        }

        _channel.Writer.Flush();
        return written;
    }

    /// <summary>Returns 0 at the end of the stream. Throws StreamReset if the peer gave up.</summary>
    public ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken) =>
        _receive.ReadAsync(buffer, cancellationToken);

    /// <summary>Ends this side's writing; reading goes on.</summary>
    public ValueTask CompleteWritingAsync(CancellationToken cancellationToken)
    {
        ValueTask ended;
        lock (_channel.Writer.Gate)
        {
            ended = _send.EndAsync(cancellationToken);
        }

        _channel.Writer.Flush();
        return ended;
    }

    /// <summary>Gives the stream up both ways; the peer's reads and writes throw StreamReset with this code.</summary>
    public void Reset(int code, string text)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(code);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(code, ushort.MaxValue);
        ArgumentNullException.ThrowIfNull(text);
        if (_channel.Streams.ResetHere(this, FramePayload.Code(code, text)))
        {
            Fail(_channel.Error(ChannelFault.StreamReset, $"This side gave the stream up: {text}", code), false);
            _channel.Writer.Flush();
        }
    }

    public ValueTask DisposeAsync()
    {
        Reset(0, "The other side gave the stream up before its end.");
        _receive.Abandon();
        return ValueTask.CompletedTask;
    }

    void IBatchItem.Run() => _ = HandleAsync();

    /// <summary>Ends what waits and what comes after; the handler is told.</summary>
    internal void Fail(Exception failure, bool keepReceived)
    {
        lock (_channel.Writer.Gate)
        {
            _send.Fail(failure);
        }

        _receive.Fail(failure, keepReceived);
        CancellationTokenSource? handling = _handling;
        if (handling is not null)
        {
            ThreadPool.UnsafeQueueUserWorkItem(Cancel, handling, preferLocal: false);
        }
    }

    /// <summary>The writer has appended the end. Under its gate.</summary>
    internal void SendEnded() => _channel.Streams.EndedHere(this);

    internal static Exception Again(Exception failure) =>
        failure is ChannelException known ? PeerChannel.Copy(known) : failure;

    private static void Cancel(CancellationTokenSource handling)
    {
        try
        {
            handling.Cancel();
        }
        catch (Exception e) when (e is ObjectDisposedException or AggregateException)
        {
            // The handler has just ended, or one of its callbacks threw: neither is this channel's matter.
        }
    }

    // The handler is code of the layer above: whatever it throws ends this stream, not the channel.
#pragma warning disable CA1031
    private async Task HandleAsync()
    {
        CancellationTokenSource handling = _handling!;
        try
        {
            await _channel.Handler.OnStreamAsync(_channel, this, handling.Token).ConfigureAwait(false);
            await CompleteWritingAsync(handling.Token).ConfigureAwait(false);
        }
        catch (Exception)
        {
            Reset(0, "The other side's handler of the stream failed.");
        }
        finally
        {
            _handling = null;
            handling.Dispose();
            _receive.Abandon();
            _channel.Streams.Handled();
        }
    }
#pragma warning restore CA1031
}
