using System.Net;

namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <summary>What copies are made of, and whom they can be asked about.</summary>
/// <param name="Filter">What the host filters by.</param>
/// <param name="Routes">The ways of the peers that the copies know.</param>
/// <param name="Beside">The devices that packets come by, and what is beside the filter on each.</param>
/// <param name="User">Whose the node's sockets are; null where that is not known.</param>
internal sealed record CopiedHost(
    HostFilter Filter, Dictionary<IPAddress, PeerRoute> Routes,
    IReadOnlyDictionary<HostLink, IReadOnlyList<string>> Beside, SocketUser? User)
{
    /// <summary>Whether the copies were made with a peer whose interface's address is not known.</summary>
    public bool MacUnknown { get; } = Routes.Values.Any(IsMacUnknown);

    public static bool IsMacUnknown(PeerRoute route) => route is { Link.IsEthernet: true, PeerMac: null };
}
