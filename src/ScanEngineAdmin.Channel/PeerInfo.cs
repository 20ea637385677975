using System.Net;

namespace ScanEngineAdmin.Channel;

/// <summary>The authenticated other end of a channel.</summary>
/// <param name="Hello">What it said of itself.</param>
/// <param name="Fingerprint">Its proved identity.</param>
/// <param name="Remote">Its address as this host sees it.</param>
/// <param name="Local">This end's address.</param>
/// <param name="Dialled">Whether this end dialled. For showing only: nothing may depend on it.</param>
/// <param name="Version">The protocol version agreed on.</param>
public sealed record PeerInfo(
    PeerHello Hello, Fingerprint Fingerprint, IPEndPoint Remote, IPEndPoint Local, bool Dialled, int Version)
{
    /// <summary>The identity that this end showed it.</summary>
    public Fingerprint ShownFingerprint { get; init; }
}
