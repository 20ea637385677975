using System.Net;
using System.Net.Sockets;

namespace ScanEngineAdmin.Channel.Handshake;

/// <summary>
/// How much of this node's time the handshakes of an address, and of the network around it, took lately. It runs off
/// evenly, so who comes now and then has used nothing. Its memory is bounded: of too many the smallest is forgotten.
/// </summary>
internal sealed class HandshakeShares(TimeProvider time)
{
    /// <summary>What an address may have used before it waits behind those that used less: 100 usual ones.</summary>
    public const double AddressBudget = 0.25;

    /// <summary>The same for all of an IPv4 /24, or of an IPv6 /48: who has one address of it may have all.</summary>
    public const double NetworkBudget = 1;

    // Seconds of work forgotten in a second: 25 usual handshakes.
    private const double RunsOff = 0.05;
    private const int Kept = 4096;

    private readonly object _lock = new();
    private readonly Dictionary<IPAddress, Use> _addresses = [];
    private readonly Dictionary<IPAddress, Use> _networks = [];

    /// <summary>For tests: what is forgotten of an idle address is as if there had been nothing.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _addresses.Count + _networks.Count;
            }
        }
    }

    public void Add(IPAddress address, TimeSpan work)
    {
        lock (_lock)
        {
            Add(_addresses, address, work);
            Add(_networks, Network(address), work);
        }
    }

    /// <summary>How much it used, and whether that is more than its share.</summary>
    public (double Used, bool IsHeavy) Of(IPAddress address)
    {
        lock (_lock)
        {
            double own = Now(_addresses, address);
            return (own, own > AddressBudget || Now(_networks, Network(address)) > NetworkBudget);
        }
    }

    /// <summary>An IPv4 /24 or IPv6 /48.</summary>
    public static IPAddress Network(IPAddress address)
    {
        byte[] bytes = address.GetAddressBytes();
        bytes.AsSpan(address.AddressFamily == AddressFamily.InterNetworkV6 ? 6 : 3).Clear();
        return new IPAddress(bytes);
    }

    private void Add(Dictionary<IPAddress, Use> uses, IPAddress key, TimeSpan work)
    {
        double used = Now(uses, key) + work.TotalSeconds;
        if (uses.Count >= Kept && !uses.ContainsKey(key))
        {
            uses.Remove(uses.MinBy(use => Left(use.Value)).Key);
        }

        uses[key] = new Use(used, time.GetTimestamp());
    }

    private double Now(Dictionary<IPAddress, Use> uses, IPAddress key)
    {
        if (!uses.TryGetValue(key, out Use use))
        {
            return 0;
        }

        double left = Left(use);
        if (left == 0)
        {
            uses.Remove(key);
        }

        return left;
    }

    private double Left(Use use) => Math.Max(0, use.Used - (RunsOff * time.GetElapsedTime(use.At).TotalSeconds));

    private readonly record struct Use(double Used, long At);
}
