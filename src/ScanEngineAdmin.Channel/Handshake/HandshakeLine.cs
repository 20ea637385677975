using System.Net;

namespace ScanEngineAdmin.Channel.Handshake;

/// <summary>
/// Connections that wait for a place: the networks they come from take turns, but for those that may not hold more
/// while another one waits. Its owner's lock guards it.
/// </summary>
internal sealed class HandshakeLine(Func<IPAddress, bool> mayHold)
{
    private readonly LinkedList<Network> _order = new();
    private readonly Dictionary<IPAddress, LinkedListNode<Network>> _networks = [];

    /// <summary>Those that still wait.</summary>
    public int Count { get; private set; }

    public void Add(IPAddress network, TaskCompletionSource<HandshakePlaces.Place> waiter)
    {
        if (!_networks.TryGetValue(network, out LinkedListNode<Network>? node))
        {
            node = _order.AddLast(new Network(network, []));
            _networks.Add(network, node);
        }

        node.Value.Waiting.Enqueue(waiter);
        Count++;
    }

    /// <summary>One that waited has given up; it is passed over when its turn comes.</summary>
    public void Cancelled() => Count--;

    /// <summary>Whose turn it is; null if nobody waits.</summary>
    public (IPAddress Network, TaskCompletionSource<HandshakePlaces.Place>? Waiter) Take()
    {
        while (Next() is { } node)
        {
            _order.Remove(node);
            while (node.Value.Waiting.TryDequeue(out TaskCompletionSource<HandshakePlaces.Place>? waiter))
            {
                if (waiter.Task.IsCompleted)
                {
                    continue;
                }

                if (node.Value.Waiting.Count > 0)
                {
                    _order.AddLast(node);
                }
                else
                {
                    _networks.Remove(node.Value.Key);
                }

                Count--;
                return (node.Value.Key, waiter);
            }

            _networks.Remove(node.Value.Key);
        }

        return (IPAddress.None, null);
    }

    /// <summary>At most how many are served before one more of that network.</summary>
    public int Ahead(IPAddress network)
    {
        int own = _networks.TryGetValue(network, out LinkedListNode<Network>? node) ? node.Value.Waiting.Count : 0;
        int networks = _networks.Count + (own == 0 ? 1 : 0);
        return (int)Math.Min(Count + 1L, (own + 1L) * networks);
    }

    private LinkedListNode<Network>? Next()
    {
        // No more networks can be at their share than there are shares.
        LinkedListNode<Network>? node = _order.First;
        while (node is not null && !mayHold(node.Value.Key))
        {
            node = node.Next;
        }

        return node ?? _order.First;
    }

    private sealed record Network(IPAddress Key, Queue<TaskCompletionSource<HandshakePlaces.Place>> Waiting);
}
