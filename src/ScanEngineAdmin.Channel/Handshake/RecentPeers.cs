using System.Net;

namespace ScanEngineAdmin.Channel.Handshake;

/// <summary>Addresses whose channels were opened or ended lately, the last of them; its owner's lock guards it.</summary>
internal sealed class RecentPeers(TimeProvider time)
{
    /// <summary>How long an address is remembered: a fleet that lost its connection is back by then.</summary>
    public static readonly TimeSpan Remembered = TimeSpan.FromHours(1);

    private const int Kept = 16 * 1024;

    private readonly LinkedList<(IPAddress Address, long At)> _order = new();
    private readonly Dictionary<IPAddress, LinkedListNode<(IPAddress Address, long At)>> _addresses = [];

    public bool Has(IPAddress address) =>
        _addresses.TryGetValue(address, out LinkedListNode<(IPAddress Address, long At)>? node)
        && time.GetElapsedTime(node.Value.At) < Remembered;

    public void Add(IPAddress address)
    {
        if (_addresses.Remove(address, out LinkedListNode<(IPAddress Address, long At)>? node))
        {
            _order.Remove(node);
        }
        else if (_addresses.Count == Kept)
        {
            _addresses.Remove(_order.First!.Value.Address);
            _order.RemoveFirst();
        }

        _addresses.Add(address, _order.AddLast((address, time.GetTimestamp())));
    }
}
