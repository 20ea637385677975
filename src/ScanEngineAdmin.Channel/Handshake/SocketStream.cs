using System.Buffers;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace ScanEngineAdmin.Channel.Handshake;

/// <summary>
/// The bytes under TLS. In the handshake everything passes straight through and the first bytes received are kept, to
/// name a peer that does not speak TLS. For a channel it reads ahead and holds writes back until they are flushed:
/// several TLS records then cost one system call. Buffers are rented only while bytes are in them. At most one read
/// and one write at a time, each awaited once: what an open channel waits in is used again and again.
/// </summary>
internal sealed class SocketStream(Socket socket) : Stream
{
    public const int BufferSize = 64 * 1024;
    private const int HeadSize = 64;
    private const int LeastRoom = 1024;

    private byte[]? _ahead;
    private int _aheadStart;
    private int _aheadEnd;
    private byte[]? _corked;
    private int _corkedLength;
    private byte[]? _head = new byte[HeadSize];
    private int _headLength;
    private bool _buffering;
    private int _allowed = int.MaxValue;

    public Socket Socket { get; } = socket;

    /// <summary>While a handshake has one: it is left to others for as long as the peer is waited for.</summary>
    public HandshakeGate.Admission? Turn { get; set; }

    /// <summary>The first bytes received; empty again once the channel has started.</summary>
    public ReadOnlySpan<byte> Head => _head.AsSpan(0, _headLength);

    /// <summary>Bytes that wait in this stream, for tests and for who waits for a whole record.</summary>
    public ReadOnlySpan<byte> Waiting => _ahead.AsSpan(_aheadStart, _aheadEnd - _aheadStart);

    /// <summary>
    /// The bytes rented, none for an idle channel. For tests: what a rented array is worth shows nowhere else, as the
    /// pool it goes back to is the process's.
    /// </summary>
    public int Rented => (_ahead?.Length ?? 0) + (_corked?.Length ?? 0);

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Whether TLS asked for more than it was allowed.</summary>
    public bool IsOverdrawn { get; private set; }

    /// <summary>
    /// TLS is handed so many bytes from here on, in truncated reads; asking for more ends the connection. What a peer
    /// sends ahead therefore costs it nothing, and a handshake that never ends costs this node no more than this.
    /// </summary>
    public void Allow(int bytes) => _allowed = bytes;

    /// <summary>From here on reads go ahead and writes wait for a flush.</summary>
    public void StartBuffering()
    {
        _buffering = true;
        _allowed = int.MaxValue;
        Turn = null;
        _head = null;
        _headLength = 0;
    }

    /// <summary>
    /// Receives until <paramref name="count"/> bytes wait; false if the peer ends before. The count is a stranger's
    /// word: room is made for what comes, not for what is announced.
    /// </summary>
    public async ValueTask<bool> FillAsync(int count, CancellationToken cancellationToken)
    {
        while (_aheadEnd - _aheadStart < count)
        {
            // Rented to measure: in a storm of connections there are many of these at once.
            int waiting = Waiting.Length;
            int next = Math.Min(count, Math.Max(LeastRoom, 2 * waiting));
            byte[] larger = ArrayPool<byte>.Shared.Rent(next);
            Waiting.CopyTo(larger);
            ReleaseAhead();
            (_ahead, _aheadStart, _aheadEnd) = (larger, 0, waiting);
            while (_aheadEnd < next)
            {
                int got = await ReceiveAsync(larger.AsMemory(_aheadEnd, next - _aheadEnd), cancellationToken)
                    .ConfigureAwait(false);
                if (got == 0)
                {
                    return false;
                }

                _aheadEnd += got;
            }
        }

        return true;
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!_buffering && buffer.Length > 0)
        {
            return ReadAllowedAsync(buffer, cancellationToken);
        }

        if (_ahead is not null)
        {
            return new ValueTask<int>(TakeWaiting(buffer.Span));
        }

        return _buffering && buffer.Length is > 0 and < BufferSize
            ? ReadAheadAsync(buffer, cancellationToken)
            : ReceiveAsync(buffer, cancellationToken);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public override async ValueTask WriteAsync(
        ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!_buffering)
        {
            await SendAsync(buffer, cancellationToken).ConfigureAwait(false);
            return;
        }

        while (!buffer.IsEmpty)
        {
            _corked ??= ArrayPool<byte>.Shared.Rent(BufferSize);
            int taken = Math.Min(buffer.Length, BufferSize - _corkedLength);
            buffer.Span[..taken].CopyTo(_corked.AsSpan(_corkedLength));
            _corkedLength += taken;
            buffer = buffer[taken..];
            if (_corkedLength == BufferSize)
            {
                await SendCorkedAsync(_corked, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async Task FlushAsync(CancellationToken cancellationToken)
    {
        if (_corked is not { } corked)
        {
            return;
        }

        await SendCorkedAsync(corked, cancellationToken).ConfigureAwait(false);
        _corked = null;
        ArrayPool<byte>.Shared.Return(corked);
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        // Buffers are left to the collector here: a read or write that this very call ends may still hold one.
        Socket.Dispose();
        base.Dispose(disposing);
    }

    private async ValueTask<int> ReadAllowedAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (_allowed <= 0)
        {
            IsOverdrawn = true;
            throw new IOException("The peer sends more within TLS than a node does.");
        }

        Memory<byte> part = buffer[..Math.Min(buffer.Length, _allowed)];
        int got = _ahead is not null
            ? TakeWaiting(part.Span)
            : await ReceiveAsync(part, cancellationToken).ConfigureAwait(false);
        _allowed -= got;
        return got;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> ReadAheadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        byte[] rented = ArrayPool<byte>.Shared.Rent(BufferSize);
        int got = 0;
        try
        {
            got = await ReceiveAsync(rented.AsMemory(0, BufferSize), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (got == 0)
            {
                ArrayPool<byte>.Shared.Return(rented);
            }
        }

        if (got == 0)
        {
            return 0;
        }

        (_ahead, _aheadStart, _aheadEnd) = (rented, 0, got);
        return TakeWaiting(buffer.Span);
    }

    private int TakeWaiting(Span<byte> destination)
    {
        int taken = Math.Min(destination.Length, _aheadEnd - _aheadStart);
        Waiting[..taken].CopyTo(destination);
        _aheadStart += taken;
        if (_aheadStart == _aheadEnd)
        {
            ReleaseAhead();
        }

        return taken;
    }

    private void ReleaseAhead()
    {
        if (_ahead is { } ahead)
        {
            (_ahead, _aheadStart, _aheadEnd) = (null, 0, 0);
            ArrayPool<byte>.Shared.Return(ahead);
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        int got;
        try
        {
            ValueTask<int> receiving = Socket.ReceiveAsync(buffer, SocketFlags.None, cancellationToken);
            HandshakeGate.Admission? parked = !receiving.IsCompleted && Turn is { } turn && turn.TryPark(Socket)
                ? turn
                : null;
            got = await receiving.ConfigureAwait(false);
            if (parked is not null)
            {
                await parked.ResumeAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        catch (SocketException e)
        {
            throw new IOException($"Receiving failed: {e.Message}", e);
        }

        if (_head is { } head && got > 0 && _headLength < head.Length)
        {
            int kept = Math.Min(got, head.Length - _headLength);
            buffer.Span[..kept].CopyTo(head.AsSpan(_headLength));
            _headLength += kept;
        }

        return got;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask SendCorkedAsync(byte[] corked, CancellationToken cancellationToken)
    {
        int length = _corkedLength;
        _corkedLength = 0;
        await SendAsync(corked.AsMemory(0, length), cancellationToken).ConfigureAwait(false);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            while (!bytes.IsEmpty)
            {
                int sent = await Socket.SendAsync(bytes, SocketFlags.None, cancellationToken).ConfigureAwait(false);
                bytes = bytes[sent..];
            }
        }
        catch (SocketException e)
        {
            throw new IOException($"Sending failed: {e.Message}", e);
        }
    }
}
