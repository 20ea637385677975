namespace ScanEngineAdmin.Channel.Wire;

/// <summary>
/// The batches of a channel. A batch whose item blocks its thread gets a second thread for the rest, so that code above
/// that waits for another answer of the same batch is slow but never stuck.
/// </summary>
internal sealed class WorkBatches(PeerChannel channel)
{
    private const int Kept = 4;
    private readonly Stack<WorkBatch> _free = new();
    private readonly List<WorkBatch> _running = [];
    private WorkBatch? _completions;
    private WorkBatch? _handlers;

    public FrameWriter Writer => channel.Writer;

    public bool IsIdle => _running.Count == 0;

    /// <summary>For the read loop alone: whether requests of the peer have gathered.</summary>
    public bool HasHandlers => _handlers is not null;

    /// <summary>For the read loop alone: an answer or data that somebody waits for.</summary>
    public void AddCompletion(IBatchItem item) => (_completions ??= New()).Add(item);

    /// <summary>For the read loop alone: a request or a stream of the peer.</summary>
    public void AddHandler(IBatchItem item) => (_handlers ??= New()).Add(item);

    /// <summary>For anybody else: one item on a thread of the pool.</summary>
    public void Post(IBatchItem item)
    {
        WorkBatch batch = New();
        batch.Add(item);
        Queue(batch);
    }

    /// <summary>For the read loop: sends what has gathered to the pool.</summary>
    public void Dispatch()
    {
        WorkBatch? last = TakeOne();
        if (last is not null)
        {
            Queue(last);
        }
    }

    /// <summary>
    /// For the read loop: as <see cref="Dispatch"/>, but one batch is left to the caller, who starts it.
    /// </summary>
    public WorkBatch? TakeOne()
    {
        WorkBatch? completions = _completions;
        WorkBatch? handlers = _handlers;
        _completions = null;
        _handlers = null;
        if (completions is not null && handlers is not null)
        {
            Queue(handlers);
        }

        return completions ?? handlers;
    }

    /// <summary>Runs a taken batch on this thread.</summary>
    public void RunHere(WorkBatch batch)
    {
        Track(batch);
        batch.Execute();
    }

    public void Finished(WorkBatch batch)
    {
        lock (_running)
        {
            _running.Remove(batch);
            if (!batch.IsHelped && _free.Count < Kept)
            {
                batch.Clear();
                _free.Push(batch);
            }
        }
    }

    public void Sweep()
    {
        if (_running.Count == 0)
        {
            return;
        }

        lock (_running)
        {
            foreach (WorkBatch batch in _running)
            {
                if (++batch.SeenBySweep >= 2)
                {
                    batch.IsHelped = true;
                    batch.SeenBySweep = 0;
                    ThreadPool.UnsafeQueueUserWorkItem(batch, preferLocal: false);
                }
            }
        }
    }

    private void Queue(WorkBatch batch)
    {
        Track(batch);
        ThreadPool.UnsafeQueueUserWorkItem(batch, preferLocal: false);
    }

    private void Track(WorkBatch batch)
    {
        lock (_running)
        {
            _running.Add(batch);
        }

        channel.Watch.Stir();
    }

    private WorkBatch New()
    {
        lock (_running)
        {
            return _free.Count > 0 ? _free.Pop() : new WorkBatch(this);
        }
    }
}
