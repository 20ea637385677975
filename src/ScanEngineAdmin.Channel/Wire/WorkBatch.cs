namespace ScanEngineAdmin.Channel.Wire;

/// <summary>What one socket read brought for the layer above, run in order on one thread with sends gathered.</summary>
internal sealed class WorkBatch(WorkBatches owner) : IThreadPoolWorkItem
{
    private readonly List<IBatchItem> _items = [];
    private int _next;

    /// <summary>Set by the sweep; then a second thread helps, and the batch may not be used again.</summary>
    public bool IsHelped { get; set; }

    /// <summary>How many sweeps have seen it running.</summary>
    public int SeenBySweep { get; set; }

    public void Add(IBatchItem item) => _items.Add(item);

    public void Execute()
    {
        bool corked = owner.Writer.Cork();
        try
        {
            while (true)
            {
                int index = Interlocked.Increment(ref _next) - 1;
                if (index >= _items.Count)
                {
                    break;
                }

                _items[index].Run();
            }
        }
        finally
        {
            if (corked)
            {
                owner.Writer.Uncork();
            }
            else
            {
                owner.Writer.Flush();
            }
        }

        owner.Finished(this);
    }

    public void Clear()
    {
        _items.Clear();
        _next = 0;
        SeenBySweep = 0;
    }
}
