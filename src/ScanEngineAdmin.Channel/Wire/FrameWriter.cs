using System.Buffers.Binary;
using ScanEngineAdmin.Channel.Streams;

namespace ScanEngineAdmin.Channel.Wire;

/// <summary>
/// The one writer of a channel. Callers append frames under a short lock; one flusher at a time takes all that has
/// gathered and writes it: control first, then data, many frames in one write.
/// </summary>
internal sealed class FrameWriter(Stream transport, PeerChannel channel, ChannelOptions options) : IThreadPoolWorkItem
{
    // As much data is worth a write on the caller's own thread; less gathers until a pool thread comes round.
    private const int InlineData = 32 * 1024;

    // A batch must not gather without end before its first byte leaves.
    private const int CorkedControl = 32 * 1024;

    private const int OneSmallFrame = FrameHeader.Size + FramePayload.PingLength;

    // One write, as SendTimeout counts it.
    private const int MaxWrite = 128 * 1024;

    private readonly SendBuffer _control = new();
    private readonly SendBuffer _data = new();
    private readonly SendTurns _turns = new();
    private readonly Corks _corks = new();
    private TaskCompletionSource? _room;
    private TaskCompletionSource? _drained;
    private bool _flushing;
    private bool _closed;
    private long _writeStarted;
    private long _writeFailed;

    /// <summary>Guards the queues and what decides about them next: credit, the table of streams.</summary>
    public object Gate { get; } = new();

    /// <summary>Whether there is nothing to write and nothing being written, or broken.</summary>
    public bool IsIdle => !Volatile.Read(ref _flushing) && _control.Length + _data.Length == 0;

    /// <summary>Grows with every take: what was appended in an earlier round is out before what comes now.</summary>
    public long Round { get; private set; }

    /// <summary>Whether frames may still be added freely; what is closed drops them.</summary>
    public bool HasControlRoom => Volatile.Read(ref _closed) || _control.Length < options.ControlQueue / 2;

    /// <summary>As <see cref="AppendControl"/>, but false if there is no room now.</summary>
    public bool TryAppendReply(FrameKind kind, uint id, ReadOnlySpan<byte> payload)
    {
        lock (Gate)
        {
            if (!HasControlRoom)
            {
                return false;
            }

            AppendControl(kind, id, payload);
            return true;
        }
    }

    /// <summary>Appends without writing; a call of Flush has to follow.</summary>
    public void AppendControl(FrameKind kind, uint id, ReadOnlySpan<byte> payload)
    {
        bool overflow = false;
        lock (Gate)
        {
            if (_closed)
            {
                return;
            }

            overflow = _control.Length + payload.Length > options.ControlQueue;
            if (!overflow)
            {
                payload.CopyTo(_control.Append(kind, id, payload.Length));
            }
        }

        if (overflow)
        {
            channel.Fail(ChannelFault.SendTimedOut, "The peer takes too little: its queue of control frames is full.");
        }
    }

    public void AppendRequest(uint id, ushort method, ReadOnlySpan<byte> body)
    {
        lock (Gate)
        {
            if (!_closed)
            {
                Span<byte> place = _control.Append(FrameKind.Request, id, FramePayload.RequestPrefix + body.Length);
                BinaryPrimitives.WriteUInt16BigEndian(place, method);
                body.CopyTo(place[FramePayload.RequestPrefix..]);
            }
        }
    }

    public void AppendCredit(uint id, uint credit)
    {
        Span<byte> payload = stackalloc byte[FramePayload.CreditLength];
        BinaryPrimitives.WriteUInt32BigEndian(payload, credit);
        AppendControl(FrameKind.Credit, id, payload);
    }

    /// <summary>A reset must not overtake the frame that opens its stream. Under the gate.</summary>
    public void AppendReset(uint id, long openedIn, ReadOnlySpan<byte> payload)
    {
        if (openedIn != Round)
        {
            AppendControl(FrameKind.Reset, id, payload);
        }
        else if (!_closed)
        {
            payload.CopyTo(_data.Append(FrameKind.Reset, id, payload.Length));
        }
    }

    /// <summary>Puts a stream that has something to send into the turn, and takes what fits. Under the gate.</summary>
    public void Schedule(SendSide side)
    {
        if (!_closed && !side.IsScheduled)
        {
            _turns.Add(side);
        }

        Pump();
    }

    /// <summary>Waits until <see cref="HasControlRoom"/> may be true again, or the writer is closed.</summary>
    public Task RoomAsync()
    {
        lock (Gate)
        {
            return HasControlRoom
                ? Task.CompletedTask
                : (_room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    public bool Cork() => _corks.TryAdd();

    public void Uncork()
    {
        _corks.Remove();
        Flush();
    }

    /// <summary>Writes what has been appended, unless somebody does already or this thread's batch will.</summary>
    public void Flush() => Flush(InlineData);

    /// <summary>
    /// For the read loop: data is written elsewhere, so that reading goes on. A pong or a credit waits for the answer of
    /// the batch that is run next, and leaves with it in one packet.
    /// </summary>
    public void FlushBesideReading(bool isAnswerNext)
    {
        if (!isAnswerNext || _control.Length > OneSmallFrame || _data.Length > 0)
        {
            Flush(int.MaxValue);
        }
    }

    void IThreadPoolWorkItem.Execute() => _ = FlushAsync(once: false);

    /// <summary>Takes nothing more; what is queued goes out, then the last frame. Ends when it is written.</summary>
    public Task FinishAsync(ReadOnlySpan<byte> goodbye)
    {
        Task drained;
        lock (Gate)
        {
            if (_closed)
            {
                return Task.CompletedTask;
            }

            _closed = true;
            goodbye.CopyTo(_data.Append(FrameKind.Goodbye, 0, goodbye.Length));
            _drained = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            drained = _drained.Task;
        }

        Flush();
        return drained;
    }

    /// <summary>Takes nothing more and writes nothing more.</summary>
    public void Close()
    {
        TaskCompletionSource? room;
        lock (Gate)
        {
            _closed = true;
            SendBuffer.Release(_control.Take());
            SendBuffer.Release(_data.Take());
            room = _room;
            _room = null;
        }

        room?.TrySetResult();
    }

    public void Sweep(long now)
    {
        long started = Volatile.Read(ref _writeStarted);
        if (started != 0 && options.Time.GetElapsedTime(started, now) >= options.SendTimeout)
        {
            channel.Fail(
                ChannelFault.SendTimedOut, $"A write did not finish within {options.SendTimeout.TotalSeconds:0} s.");
        }

        // The reader finds the goodbye that may stand behind a broken write. If it hears nothing either, this ends it.
        long failed = Volatile.Read(ref _writeFailed);
        if (failed != 0 && options.Time.GetElapsedTime(failed, now) >= TimeSpan.FromSeconds(2))
        {
            channel.Fail(ChannelFault.ConnectionLost, "The connection broke while writing.");
        }

        // Backstop for replies that wait in a batch whose next handler blocks its thread.
        if (_control.Length + _data.Length > 0)
        {
            Flush();
        }
    }

    private void Flush(int inlineData)
    {
        // Not under the gate: to write takes other locks, whose holders may wait for the gate.
        bool inline = !Monitor.IsEntered(Gate);
        lock (Gate)
        {
            if (_flushing || _control.Length + _data.Length == 0
                || (_control.Length < CorkedControl && _data.Length < InlineData && _corks.HoldsThisThread()))
            {
                return;
            }

            _flushing = true;
            inline &= _data.Length == 0 || _data.Length >= inlineData;
        }

        channel.Watch.Stir();
        if (inline)
        {
            _ = FlushAsync(once: true);
        }
        else
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    private async Task FlushAsync(bool once)
    {
        try
        {
            while (true)
            {
                ArraySegment<byte> control, data;
                TaskCompletionSource? room, drained = null;
                lock (Gate)
                {
                    control = _control.Take();
                    data = _data.Take();
                    Round++;
                    room = _room;
                    _room = null;
                    if (control.Count + data.Count == 0)
                    {
                        _flushing = false;
                        drained = _drained;
                    }
                    else
                    {
                        Pump();
                    }
                }

                room?.TrySetResult();
                drained?.TrySetResult();
                if (control.Count + data.Count == 0)
                {
                    return;
                }

                try
                {
                    channel.Requests.SendWaiting();
                    await WriteAsync(control).ConfigureAwait(false);
                    await WriteAsync(data).ConfigureAwait(false);
                    Volatile.Write(ref _writeStarted, Math.Max(1, options.Time.GetTimestamp()));
                    await transport.FlushAsync(CancellationToken.None).ConfigureAwait(false);
                }
                finally
                {
                    Volatile.Write(ref _writeStarted, 0);
                    SendBuffer.Release(control);
                    SendBuffer.Release(data);
                }

                if (once)
                {
                    HandOn();
                    return;
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException
            or OperationCanceledException or System.Security.Authentication.AuthenticationException)
        {
            // _flushing stays set: nothing is written any more.
            Volatile.Write(ref _writeFailed, Math.Max(1, options.Time.GetTimestamp()));
            Close();
            _drained?.TrySetResult();
        }
    }

    private async ValueTask WriteAsync(ArraySegment<byte> frames)
    {
        for (int offset = 0; offset < frames.Count; offset += MaxWrite)
        {
            Volatile.Write(ref _writeStarted, Math.Max(1, options.Time.GetTimestamp()));
            await transport.WriteAsync(
                frames.AsMemory(offset, Math.Min(MaxWrite, frames.Count - offset)), CancellationToken.None)
                .ConfigureAwait(false);
        }
    }

    // A caller writes one round; if more has gathered meanwhile it is not the one to pay for it.
    private void HandOn()
    {
        lock (Gate)
        {
            if (_control.Length + _data.Length == 0 && _drained is null)
            {
                _flushing = false;
                return;
            }
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    // The stream that was served least comes first, so that none is faster than another.
    private void Pump()
    {
        const int Worthwhile = 1024;
        while (!_closed && _turns.HasAny)
        {
            int room = options.SendQueue - _data.Length - FrameHeader.Size;
            if (room < Worthwhile && _data.Length > 0)
            {
                return;
            }

            SendSide side = _turns.Take();
            int before = _data.Length;
            bool hasMore = side.AppendNext(_data, Math.Max(room, Worthwhile));
            side.Served += _data.Length - before;
            if (hasMore)
            {
                _turns.Add(side);
            }
        }
    }
}
