using System.Buffers.Binary;
using System.Threading.Tasks.Sources;
using ScanEngineAdmin.Channel.Wire;

namespace ScanEngineAdmin.Channel.Streams;

/// <summary>
/// One stream's way out: what it still has to send and the credit for it. The writer takes a frame at a time from it
/// when its turn comes, straight from the caller's memory. All under the writer's gate.
/// </summary>
internal sealed class SendSide(ChannelStream stream, FrameWriter writer, long credit)
    : IValueTaskSource, IThreadPoolWorkItem
{
    // As much a writer may send without a pause while other streams are open: else the one that holds a thread wins.
    private const int MaxBurst = 128 * 1024;

    private ManualResetValueTaskSourceCore<bool> _source;
    private CancellationTokenRegistration _registration;
    private CancellationToken _token;
    private ReadOnlyMemory<byte> _rest;
    private long _credit = credit;
    private bool _mustOpen;
    private bool _mustEnd;
    private bool _begun;
    private bool _waiting;
    private bool _claimed;
    private int _burst;
    private Exception? _outcome;
    private Exception? _failure;

    public bool IsScheduled { get; set; }

    /// <summary>Bytes that have left, as the turns count them.</summary>
    public long Served { get; set; }

    public uint Id => stream.Id;

    /// <summary>The writer's round in which the opening frame was appended; -1 for the peer's streams.</summary>
    public long OpenedIn { get; private set; } = -1;

    /// <summary>The opening frame was cancelled or refused before it was appended: the peer knows nothing.</summary>
    public bool NeverOpened => _mustOpen;

    public bool HasEnded { get; private set; }

    /// <summary>CompleteWriting was called; nothing more may be written.</summary>
    public bool IsCompleting => _mustEnd || HasEnded;

    private bool HasMore =>
        _failure is null && (_mustOpen || (_rest.IsEmpty ? _mustEnd : _credit > 0));

    public ValueTask OpenAsync(CancellationToken cancellationToken)
    {
        _mustOpen = true;
        return SendAsync(cancellationToken);
    }

    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        if (_failure is not null)
        {
            return ValueTask.FromException(ChannelStream.Again(_failure));
        }

        if (_waiting || IsCompleting)
        {
            throw new InvalidOperationException(_waiting
                ? "A stream takes one write at a time."
                : "Writing to this stream was completed.");
        }

        _rest = bytes;
        _begun = false;
        return bytes.IsEmpty ? ValueTask.CompletedTask : SendAsync(cancellationToken);
    }

    public ValueTask EndAsync(CancellationToken cancellationToken)
    {
        if (_failure is not null)
        {
            return ValueTask.FromException(ChannelStream.Again(_failure));
        }

        if (_waiting)
        {
            throw new InvalidOperationException("A write of this stream is still under way.");
        }

        if (IsCompleting)
        {
            return ValueTask.CompletedTask;
        }

        _begun = false;
        _mustEnd = true;
        return SendAsync(cancellationToken);
    }

    /// <summary>False if the peer gave more than can be counted.</summary>
    public bool TryAddCredit(uint credit)
    {
        _credit += credit;
        if (_credit > int.MaxValue)
        {
            return false;
        }

        if (HasMore)
        {
            writer.Schedule(this);
        }

        return true;
    }

    /// <summary>
    /// Appends one frame of at most <paramref name="room"/> bytes; returns whether another could follow.
    /// </summary>
    public bool AppendNext(SendBuffer queue, int room)
    {
        if (_failure is not null)
        {
            return false;
        }

        if (_mustOpen)
        {
            AppendOpen(queue);
        }
        else if (!_rest.IsEmpty)
        {
            int count = (int)Math.Min(Math.Min(_rest.Length, _credit), Math.Min(room, ChannelProtocol.MaxPayload));
            if (count > 0)
            {
                _rest.Span[..count].CopyTo(queue.Append(FrameKind.Data, stream.Id, count));
                _rest = _rest[count..];
                _credit -= count;
                _begun = true;
            }
        }
        else if (_mustEnd)
        {
            queue.Append(FrameKind.End, stream.Id, 0);
            _mustEnd = false;
            HasEnded = true;
            stream.SendEnded();
        }

        if (!_mustOpen && _rest.IsEmpty && !_mustEnd)
        {
            Complete(null);
        }

        return HasMore;
    }

    public void Fail(Exception failure)
    {
        if (_failure is null)
        {
            _failure = failure;
            _rest = default;
            Complete(ChannelStream.Again(failure));
        }
    }

    /// <summary>
    /// The writer of the layer above goes on here: on the pool's common queue, where the first comes first.
    /// </summary>
    public void Execute()
    {
        Exception? outcome;
        lock (writer.Gate)
        {
            outcome = _outcome;
            _outcome = null;
            _waiting = false;
            _claimed = false;
        }

        if (outcome is null)
        {
            _source.SetResult(true);
        }
        else
        {
            _source.SetException(outcome);
        }
    }

    public void GetResult(short token)
    {
        _registration.Dispose();
        _source.GetResult(token);
    }

    public ValueTaskSourceStatus GetStatus(short token) => _source.GetStatus(token);

    public void OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    private ValueTask SendAsync(CancellationToken cancellationToken)
    {
        _burst += _rest.Length;
        writer.Schedule(this);
        bool done = _failure is null && !_mustOpen && _rest.IsEmpty && !_mustEnd;
        if (done && (_burst < MaxBurst || !stream.HasCompany))
        {
            return ValueTask.CompletedTask;
        }

        _burst = 0;
        _source.Reset();
        _waiting = true;
        if (done)
        {
            Complete(null);
            return new ValueTask(this, _source.Version);
        }

        _token = cancellationToken;
        short version = _source.Version;
        _registration = cancellationToken.UnsafeRegister(static state => ((SendSide)state!).Cancel(), this);
        return new ValueTask(this, version);
    }

    private void Complete(Exception? outcome)
    {
        if (_waiting && !_claimed)
        {
            _claimed = true;
            _outcome = outcome;
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    private void Cancel()
    {
        bool torn;
        lock (writer.Gate)
        {
            if (!_waiting || _claimed)
            {
                return;
            }

            torn = _begun || _mustOpen;
            _mustEnd = false;
            _rest = default;
            Complete(new OperationCanceledException(_token));
        }

        // Part of the message is on its way: a reader must not take what follows for the rest of it.
        if (torn)
        {
            stream.Reset(0, "A write was cancelled in the middle.");
        }
    }

    private void AppendOpen(SendBuffer queue)
    {
        ReadOnlySpan<byte> header = stream.Header.Span;
        Span<byte> place = queue.Append(FrameKind.Open, stream.Id, FramePayload.OpenPrefix + header.Length);
        BinaryPrimitives.WriteUInt16BigEndian(place, stream.Kind);
        BinaryPrimitives.WriteUInt32BigEndian(place[2..], (uint)stream.InitialWindow);
        header.CopyTo(place[FramePayload.OpenPrefix..]);
        OpenedIn = writer.Round;
        _mustOpen = false;
    }
}
