using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Channel.Tests.Support;

/// <summary>One end of a connection in memory that can be cut, swallow what is written, or stop taking it.</summary>
internal sealed class MemoryLink : AsyncStream
{
    private readonly Way _in;
    private readonly Way _out;

    private int _emptyReads;

    private MemoryLink(Way incoming, Way outgoing) => (_in, _out) = (incoming, outgoing);

    public int Writes => _out.Writes;

    /// <summary>How often this end began to wait for data without a buffer.</summary>
    public int EmptyReads => Volatile.Read(ref _emptyReads);

    /// <summary>
    /// As a firewall that forgot the connection: the other end does not hear that this one was closed.
    /// </summary>
    public bool LosesEnd { get; set; }

    public static (MemoryLink Left, MemoryLink Right) Pair(int capacity = 256 * 1024)
    {
        var there = new Way(capacity);
        var back = new Way(capacity);
        return (new MemoryLink(back, there), new MemoryLink(there, back));
    }

    /// <summary>As a reset connection: both ends fail.</summary>
    public void Cut()
    {
        _in.Break();
        _out.Break();
    }

    /// <summary>As a firewall that began to drop: what this end writes is gone, without an error.</summary>
    public void SwallowWrites() => _out.Swallow();

    /// <summary>As a peer whose window is closed: writes of this end do not finish.</summary>
    public void BlockWrites() => _out.Block();

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty)
        {
            Interlocked.Increment(ref _emptyReads);
        }

        return _in.ReadAsync(buffer, cancellationToken);
    }

    public override ValueTask WriteAsync(
        ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        _out.WriteAsync(buffer, cancellationToken);

    protected override void Dispose(bool disposing)
    {
        if (!LosesEnd)
        {
            _out.End();
        }

        _in.Break();
        base.Dispose(disposing);
    }

    private sealed class Way(int capacity)
    {
        private readonly object _gate = new();
        private readonly Queue<byte[]> _chunks = new();
        private int _offset;
        private int _count;
        private bool _ended;
        private bool _broken;
        private bool _swallows;
        private bool _blocks;
        private TaskCompletionSource _changed = New();

        public int Writes { get; private set; }

        public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
        {
            while (true)
            {
                Task changed;
                lock (_gate)
                {
                    if (_broken)
                    {
                        throw new IOException("cut");
                    }

                    if (_count > 0)
                    {
                        return Take(buffer.Span);
                    }

                    if (_ended)
                    {
                        return 0;
                    }

                    changed = _changed.Task;
                }

                await changed.WaitAsync(cancellationToken);
            }
        }

        public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
        {
            while (true)
            {
                Task changed;
                lock (_gate)
                {
                    Writes++;
                    if (_broken || _ended)
                    {
                        throw new IOException("cut");
                    }

                    if (_swallows)
                    {
                        return;
                    }

                    if (!_blocks && _count < capacity)
                    {
                        if (!bytes.IsEmpty)
                        {
                            _chunks.Enqueue(bytes.ToArray());
                            _count += bytes.Length;
                            Change();
                        }

                        return;
                    }

                    changed = _changed.Task;
                }

                await changed.WaitAsync(cancellationToken);
            }
        }

        public void Break() => Set(() => _broken = true);

        public void End() => Set(() => _ended = true);

        public void Swallow() => Set(() => _swallows = true);

        public void Block() => Set(() => _blocks = true);

        private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

        private int Take(Span<byte> buffer)
        {
            int total = 0;
            while (total < buffer.Length && _count > 0)
            {
                byte[] head = _chunks.Peek();
                int n = Math.Min(head.Length - _offset, buffer.Length - total);
                head.AsSpan(_offset, n).CopyTo(buffer[total..]);
                total += n;
                _count -= n;
                _offset += n;
                if (_offset == head.Length)
                {
                    _chunks.Dequeue();
                    _offset = 0;
                }
            }

            Change();
            return total;
        }

        private void Set(Action change)
        {
            lock (_gate)
            {
                change();
                Change();
            }
        }

        private void Change()
        {
            TaskCompletionSource changed = _changed;
            _changed = New();
            changed.TrySetResult();
        }
    }
}
