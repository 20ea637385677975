using System.Net;

namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <summary>How a host and a peer meet.</summary>
/// <param name="Link">The interface; null for a peer on this host.</param>
/// <param name="Own">The host's address towards the peer.</param>
/// <param name="PeerMac">The address of the next hop's interface; null when the host does not know it.</param>
internal sealed record PeerRoute(HostLink? Link, IPAddress Own, byte[]? PeerMac)
{
    /// <summary>The router that the peer's packets come from; null for a peer on the link itself.</summary>
    public IPAddress? Gateway { get; init; }
}
