using System.Net;
using System.Net.Sockets;

namespace ScanEngineAdmin.Storage.Stores;

/// <summary>
/// Which of those that wait for approval makes room for another. Not simply the oldest: whoever has many addresses
/// would push out one that has waited honestly. It is the oldest of the network that takes most of the places.
/// </summary>
internal static class PendingNetworks
{
    /// <param name="pending">In the order in which they came, with the addresses they were seen at.</param>
    /// <param name="most">How many may stay.</param>
    public static IReadOnlyList<long> Leaving(IEnumerable<(long Id, string? Address)> pending, int most)
    {
        List<(long Id, string Network)> waiting = pending.Select(one => (one.Id, Network(one.Address))).ToList();
        var leaving = new List<long>();
        while (waiting.Count > most)
        {
            string crowd = waiting.GroupBy(one => one.Network)
                .OrderByDescending(network => network.Count()).ThenBy(network => network.Min(one => one.Id))
                .First().Key;
            (long Id, string Network) oldest = waiting.First(one => one.Network == crowd);
            waiting.Remove(oldest);
            leaving.Add(oldest.Id);
        }

        return leaving;
    }

    // An IPv4 /24, an IPv6 /48: who has one address of it may have all.
    private static string Network(string? text)
    {
        if (!IPAddress.TryParse(text, out IPAddress? address))
        {
            return string.Empty;
        }

        byte[] bytes = address.GetAddressBytes();
        return Convert.ToHexString(bytes.AsSpan(0, address.AddressFamily == AddressFamily.InterNetworkV6 ? 6 : 3));
    }
}
