using System.Net;

namespace ScanEngineAdmin.Channel.Handshake;

/// <summary>The last connections that arrived. A flood only shortens the time that it remembers.</summary>
internal sealed class ArrivalRing(TimeProvider time)
{
    internal const int Capacity = 256;

    private readonly Queue<Arrival> _arrivals = new(Capacity);
    private DateTimeOffset _since = time.GetUtcNow();

    public void Add(IPEndPoint remote)
    {
        var arrival = new Arrival(time.GetUtcNow(), remote);
        lock (_arrivals)
        {
            if (_arrivals.Count == Capacity)
            {
                _since = _arrivals.Dequeue().Time;
            }

            _arrivals.Enqueue(arrival);
        }
    }

    /// <summary>Those still remembered, oldest first, and since when all of them are.</summary>
    public (IReadOnlyList<Arrival> Arrivals, DateTimeOffset CompleteSince) Read()
    {
        lock (_arrivals)
        {
            return ([.. _arrivals], _since);
        }
    }
}
