using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Directions;

namespace ScanEngineAdmin.Core.Console;

/// <summary>
/// The open channels to one engine: at most one per way. While its direction changes there are two; a newer one of the
/// same way takes over from the older, which is closed: the engine proved the same identity, so the older is a ghost.
/// </summary>
internal sealed class LinkChannels
{
    private readonly object _gate = new();
    private readonly List<LinkChannel> _open = [];
    private TaskCompletionSource _changed = NewSignal();

    public bool Any
    {
        get
        {
            lock (_gate)
            {
                return _open.Exists(entry => entry.IsOpen);
            }
        }
    }

    public IReadOnlyList<PeerChannel> Open
    {
        get
        {
            lock (_gate)
            {
                return _open.Where(entry => entry.IsOpen).Select(entry => entry.Channel).ToList();
            }
        }
    }

    public void Add(LinkChannel added)
    {
        List<LinkChannel> superseded;
        lock (_gate)
        {
            superseded = _open.FindAll(entry => entry.Way == added.Way);
            _open.RemoveAll(superseded.Contains);
            _open.Add(added);
            Changed();
        }

        foreach (LinkChannel old in superseded)
        {
            old.Superseded = true;
            _ = old.Channel.CloseAsync(RefusalCode.Superseded, "A newer connection of the same node took over.");
        }
    }

    public void Remove(LinkChannel ended)
    {
        lock (_gate)
        {
            _open.Remove(ended);
            Changed();
        }
    }

    /// <summary>
    /// The engine sends scan data over the channel that was reconciled last: whoever goes back to an earlier one has to
    /// reconcile it anew.
    /// </summary>
    public void ReconcileOver(LinkChannel chosen)
    {
        lock (_gate)
        {
            _open.FindAll(entry => entry != chosen).ForEach(entry => entry.Synced = false);
        }
    }

    /// <summary>The channel to work over: of the direction in force, else whatever is open.</summary>
    public LinkChannel? Best(CommunicationDirection direction)
    {
        lock (_gate)
        {
            return _open.Find(entry => entry.IsOpen && entry.Way == direction) ?? _open.Find(entry => entry.IsOpen);
        }
    }

    public LinkChannel? Of(CommunicationDirection way)
    {
        lock (_gate)
        {
            return _open.Find(entry => entry.IsOpen && entry.Way == way);
        }
    }

    /// <summary>Waits until an open channel is as asked; the token bounds it.</summary>
    public async Task<LinkChannel> WaitAsync(Predicate<LinkChannel> wanted, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (_open.Find(entry => entry.IsOpen && wanted(entry)) is { } found)
                {
                    return found;
                }

                changed = _changed.Task;
            }

            await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public async Task CloseAsync(Predicate<LinkChannel> which, RefusalCode code, string text)
    {
        List<LinkChannel> closing;
        lock (_gate)
        {
            closing = _open.FindAll(which);
        }

        await Task.WhenAll(closing.Select(entry => entry.Channel.CloseAsync(code, text))).ConfigureAwait(false);
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Changed()
    {
        _changed.TrySetResult();
        _changed = NewSignal();
    }
}
