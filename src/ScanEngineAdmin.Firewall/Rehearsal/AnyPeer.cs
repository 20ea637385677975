using System.Net;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <summary>Addresses that stand for a peer whose own is not known: of no network that anybody has.</summary>
internal static class AnyPeer
{
    public static IReadOnlyList<IPAddress> Samples { get; } =
        [IPAddress.Parse("203.0.113.77"), IPAddress.Parse("198.51.100.78"), IPAddress.Parse("2001:db8:77::77")];

    /// <summary>The peer for people: an address of this class is no peer of anybody's, and is never shown.</summary>
    public static string Name(IPAddress peer) => !Samples.Contains(peer) ? peer.ToString()
        : peer.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? "any IPv4 address" : "any IPv6 address";

    /// <summary>Those of one family.</summary>
    public static IReadOnlyList<IPAddress> Of(RuleFamily family) => [.. Samples.Where(
        a => a.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork == (family == RuleFamily.IPv4))];
}
