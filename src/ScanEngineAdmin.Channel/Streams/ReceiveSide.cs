using System.Threading.Tasks.Sources;
using ScanEngineAdmin.Channel.Wire;

namespace ScanEngineAdmin.Channel.Streams;

/// <summary>
/// One stream's way in. Data goes straight into the memory of a reader that waits, else into pooled segments. Its lock
/// is the innermost: nothing of the writer is called under it.
/// </summary>
internal sealed class ReceiveSide(ChannelStream stream, PeerChannel channel, ReceiveWindow window)
    : IValueTaskSource<int>, IBatchItem
{
    private readonly object _gate = new();
    private readonly SegmentQueue _queue = new(channel.Runtime.Segments);
    private ManualResetValueTaskSourceCore<int> _source;
    private CancellationTokenRegistration _registration;
    private CancellationToken _token;
    private Memory<byte> _buffer;
    private int _filled;
    private State _state;
    private Exception? _outcome;
    private Exception? _failure;
    private bool _ended;
    private bool _abandoned;
    private bool _released;

    private enum State
    {
        None,
        Waiting,
        Filling,
        Failing,
    }

    /// <summary>Whether the peer said that nothing more will come.</summary>
    public bool HasEnded
    {
        get
        {
            lock (_gate)
            {
                return _ended;
            }
        }
    }

    public ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<int>(cancellationToken);
        }

        int count;
        uint credit = 0;
        short version = 0;
        lock (_gate)
        {
            if (_state != State.None)
            {
                throw new InvalidOperationException("A stream takes one read at a time.");
            }

            count = _queue.Read(buffer.Span);
            ReleaseIfDrained();
            if (count > 0)
            {
                credit = Consume(count);
            }
            else if (_failure is not null)
            {
                return ValueTask.FromException<int>(ChannelStream.Again(_failure));
            }
            else if (!_ended && !buffer.IsEmpty)
            {
                count = -1;
                _source.Reset();
                version = _source.Version;
                _state = State.Waiting;
                _buffer = buffer;
                _filled = 0;
                _token = cancellationToken;
            }
        }

        if (count >= 0)
        {
            Grant(credit);
            return new ValueTask<int>(count);
        }

        _registration = cancellationToken.UnsafeRegister(static state => ((ReceiveSide)state!).Cancel(), this);
        return new ValueTask<int>(this, version);
    }

    /// <summary>From the read loop. Returns what was wrong, or null.</summary>
    public string? Receive(ReadOnlySpan<byte> data)
    {
        uint credit = 0;
        bool wake = false;
        lock (_gate)
        {
            if (_ended)
            {
                return $"data on stream {stream.Id} after its end";
            }

            if (!window.TryReceive(data.Length))
            {
                return $"more data on stream {stream.Id} than its credit allows";
            }

            if (_failure is not null)
            {
                return null;
            }

            if (_abandoned)
            {
                wake = true;
            }
            else
            {
                if (_state is State.Waiting or State.Filling)
                {
                    int count = Math.Min(data.Length, _buffer.Length - _filled);
                    data[..count].CopyTo(_buffer.Span[_filled..]);
                    _filled += count;
                    data = data[count..];
                    wake = _state == State.Waiting;
                    _state = State.Filling;
                    credit = count > 0 ? Consume(count) : 0;
                }

                _queue.Write(data);
            }
        }

        if (credit > 0)
        {
            channel.Writer.AppendCredit(stream.Id, credit);
        }

        if (_abandoned)
        {
            stream.Reset(0, "Nobody reads this stream any more.");
        }
        else if (wake)
        {
            channel.Batches.AddCompletion(this);
        }

        return null;
    }

    /// <summary>From the read loop. Returns what was wrong, or null.</summary>
    public string? End()
    {
        bool wake;
        lock (_gate)
        {
            if (_ended)
            {
                return $"a second end of stream {stream.Id}";
            }

            _ended = true;
            ReleaseIfDrained();
            wake = _state == State.Waiting;
            _state = wake ? State.Filling : _state;
        }

        if (wake)
        {
            channel.Batches.AddCompletion(this);
        }

        return null;
    }

    /// <summary>
    /// What has arrived is kept only where the channel ended, not where the peer gave this stream up.
    /// </summary>
    public void Fail(Exception failure, bool keepReceived)
    {
        bool wake;
        lock (_gate)
        {
            if (_failure is not null || (keepReceived && _ended))
            {
                ReleaseWindow();
                return;
            }

            _failure = failure;
            wake = _state == State.Waiting;
            if (wake)
            {
                _state = State.Failing;
                _outcome = failure;
            }

            if (!keepReceived)
            {
                _queue.Clear();
            }

            ReleaseWindow();
        }

        if (wake)
        {
            channel.Batches.Post(this);
        }
    }

    /// <summary>Nobody will read again: buffers go back, and data that still comes resets the stream.</summary>
    public void Abandon()
    {
        lock (_gate)
        {
            _abandoned = true;
            _queue.Clear();
            ReleaseWindow();
        }
    }

    public void Run()
    {
        int filled;
        Exception? outcome;
        lock (_gate)
        {
            filled = _filled;
            outcome = _outcome;
            _outcome = null;
            _state = State.None;
            _buffer = default;
        }

        if (outcome is null)
        {
            _source.SetResult(filled);
        }
        else
        {
            _source.SetException(outcome is OperationCanceledException ? outcome : ChannelStream.Again(outcome));
        }
    }

    public int GetResult(short token)
    {
        _registration.Dispose();
        return _source.GetResult(token);
    }

    public ValueTaskSourceStatus GetStatus(short token) => _source.GetStatus(token);

    public void OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);

    private void Cancel()
    {
        lock (_gate)
        {
            if (_state != State.Waiting)
            {
                return;
            }

            _state = State.Failing;
            _outcome = new OperationCanceledException(_token);
        }

        channel.Batches.Post(this);
    }

    private uint Consume(int count) =>
        _ended || _failure is not null || _released ? 0 : window.Consume(count, channel.Heartbeat.RoundTrip);

    private void Grant(uint credit)
    {
        if (credit > 0)
        {
            channel.Writer.AppendCredit(stream.Id, credit);
            channel.Writer.Flush();
        }
    }

    private void ReleaseIfDrained()
    {
        if (_ended && _queue.Length == 0)
        {
            ReleaseWindow();
        }
    }

    private void ReleaseWindow()
    {
        if (!_released)
        {
            _released = true;
            window.Release();
        }
    }
}
