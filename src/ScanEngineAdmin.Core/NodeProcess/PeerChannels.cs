using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Nodes;

namespace ScanEngineAdmin.Core.NodeProcess;

/// <summary>
/// The open channels to one peer: at most one per way. While the direction changes there are two; a newer one of the
/// same way takes over from the older, which is closed: the peer proved the same identity, so the older is a ghost.
/// </summary>
internal class PeerChannels<T>
    where T : OpenChannel
{
    private readonly object _gate = new();
    private readonly List<T> _open = [];
    private TaskCompletionSource _changed = NewSignal();

    public bool Any => Find(_ => true) is not null;

    /// <summary>In the order in which they were opened.</summary>
    public IReadOnlyList<PeerChannel> Open => FindAll(_ => true).ConvertAll(entry => entry.Channel);

    public void Add(T added)
    {
        List<T> superseded;
        lock (_gate)
        {
            // One that has ended by now takes no other's place: the peer's next one may have come in before it.
            superseded = !added.IsOpen ? []
                : _open.FindAll(entry => entry.Channel.Peer.Dialled == added.Channel.Peer.Dialled);
            _open.RemoveAll(superseded.Contains);
            _open.Add(added);
            Changed();
        }

        NodeMetrics.Channel(added.Channel.Peer, 1 - superseded.Count);

        foreach (T old in superseded)
        {
            old.Superseded = true;
            _ = old.Channel.CloseAsync(RefusalCode.Superseded, "A newer connection of the same node took over.");
        }
    }

    /// <summary>Whether it was there: a newer one may have taken its place.</summary>
    public bool Remove(T ended)
    {
        bool was;
        lock (_gate)
        {
            was = _open.Remove(ended);
            Changed();
        }

        if (was)
        {
            NodeMetrics.Channel(ended.Channel.Peer, -1);
        }

        return was;
    }

    /// <summary>The first that is open and as asked.</summary>
    public T? Find(Predicate<T> wanted)
    {
        lock (_gate)
        {
            return _open.Find(entry => entry.IsOpen && wanted(entry));
        }
    }

    public List<T> FindAll(Predicate<T> wanted)
    {
        lock (_gate)
        {
            return _open.FindAll(entry => entry.IsOpen && wanted(entry));
        }
    }

    /// <summary>Waits until an open channel is as asked; the token bounds it.</summary>
    public async Task<T> WaitAsync(Predicate<T> wanted, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (Find(wanted) is { } found)
                {
                    return found;
                }

                changed = _changed.Task;
            }

            await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public Task CloseAsync(Predicate<T> which, RefusalCode code, string text) =>
        Task.WhenAll(FindAll(which).Select(entry => entry.Channel.CloseAsync(code, text)));

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Changed()
    {
        _changed.TrySetResult();
        _changed = NewSignal();
    }
}
