using System.Buffers;

namespace ScanEngineAdmin.Channel.Wire;

/// <summary>
/// The read loop: waits without a buffer, parses all frames there are, and never runs code of the layer above. To wait
/// without a buffer costs a system call more for each read, so the loop of a busy channel keeps its buffers; a few
/// channels of a node may do so at once.
/// </summary>
internal sealed class FrameReader(
    Stream transport, PeerChannel channel, FrameDispatch dispatch, WorkBatches batches) : IThreadPoolWorkItem
{
    private const int BufferSize = 64 * 1024;
    private const int LeastRoom = 32 * 1024;

    // So many reads between two sweeps make a channel busy.
    private const int BusyReads = 32;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private byte[]? _buffer;
    private int _start;
    private int _end;
    private int _reads;
    private volatile bool _busy;
    private bool _keeps;

    /// <summary>Ends when nothing more is read.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Whether the loop may keep its buffers while it waits.</summary>
    public bool IsBusy => _busy;

    public void Execute() => _ = RunAsync();

    public void Sweep() => _busy = Interlocked.Exchange(ref _reads, 0) >= BusyReads;

    // One method with every await in it: a batch that HandOver starts must find the whole loop already parked.
    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                bool parsed = _start == _end;
                if (parsed)
                {
                    _start = _end = 0;
                }

                if (parsed && !KeepsBuffers())
                {
                    ValueTask<int> idle = transport.ReadAsync(Memory<byte>.Empty, CancellationToken.None);
                    if (!idle.IsCompleted)
                    {
                        GiveBack();
                    }

                    await new HandOver(idle, batches);
                }

                Memory<byte> room = MakeRoom();
                int read = await new HandOver(transport.ReadAsync(room, CancellationToken.None), batches);
                _end += read;
                Interlocked.Increment(ref _reads);
                if (read == 0)
                {
                    channel.Fail(ChannelFault.ConnectionLost, "The peer ended the connection without a goodbye.");
                    return;
                }

                if (!Parse())
                {
                    return;
                }

                channel.Writer.FlushBesideReading(isAnswerNext: batches.HasHandlers);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException
            or OperationCanceledException or System.Security.Authentication.AuthenticationException)
        {
            channel.Fail(ChannelFault.ConnectionLost, "The connection was cut.", e);
        }
        finally
        {
            batches.Dispatch();
            if (_keeps)
            {
                channel.Runtime.BusyReaders.Leave();
            }

            GiveBack();
            _ended.TrySetResult();
        }
    }

    // The place is given up here and not by the sweep: until then the loop may wait with its buffers.
    private bool KeepsBuffers()
    {
        if (_keeps != _busy)
        {
            if (_keeps)
            {
                channel.Runtime.BusyReaders.Leave();
                _keeps = false;
            }
            else
            {
                _keeps = channel.Runtime.BusyReaders.TryEnter();
            }
        }

        return _keeps;
    }

    private Memory<byte> MakeRoom()
    {
        if (_start > 0 && _buffer!.Length - _end < LeastRoom)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        _buffer ??= ArrayPool<byte>.Shared.Rent(BufferSize);
        return _buffer.AsMemory(_end);
    }

    private bool Parse()
    {
        while (true)
        {
            ReadOnlySpan<byte> bytes = _buffer.AsSpan(_start, _end - _start);
            if (!FrameHeader.TryRead(bytes, ChannelProtocol.MaxPayload, out FrameHeader header, out FrameError error))
            {
                if (error == FrameError.Incomplete)
                {
                    return true;
                }

                channel.Fail(ChannelFault.ProtocolViolation, error == FrameError.TooLong
                    ? $"The peer announced a frame of {header.Length} bytes; {ChannelProtocol.MaxPayload} is the most."
                    : $"The peer sent a frame of unknown kind 0x{(byte)header.Kind:x2}.");
                return false;
            }

            if (bytes.Length < FrameHeader.Size + header.Length)
            {
                return true;
            }

            string? violation = dispatch.Take(header, bytes.Slice(FrameHeader.Size, header.Length));
            _start += FrameHeader.Size + header.Length;
            if (violation is not null)
            {
                channel.Fail(ChannelFault.ProtocolViolation, $"The peer broke the protocol: {violation}.");
                return false;
            }

            if (dispatch.HasSaidGoodbye)
            {
                return false;
            }
        }
    }

    private void GiveBack()
    {
        byte[]? buffer = _buffer;
        _buffer = null;
        if (buffer is not null)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
