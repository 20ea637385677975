namespace ScanEngineAdmin.Channel;

/// <summary>
/// Everything that can go wrong on the wire, one name each. Error ids of the cmdlets derive from these.
/// </summary>
public enum ChannelFault
{
    /// <summary>The listener's port is taken.</summary>
    PortInUse,

    /// <summary>The listener's address is not one of this host's, or may not be bound.</summary>
    AddressNotAvailable,

    /// <summary>The name did not resolve.</summary>
    NameNotResolved,

    /// <summary>RST: nothing listens there, or a firewall answers in its place.</summary>
    ConnectionRefused,

    /// <summary>ICMP prohibited, at once: a firewall on the way rejects.</summary>
    AdminProhibited,

    /// <summary>No such host on its network, or no route to it.</summary>
    HostUnreachable,

    /// <summary>No answer to the connection attempt in its time: a silent drop, or no host.</summary>
    ConnectTimedOut,

    /// <summary>The HTTP proxy that was to tunnel the connection refused, and said why.</summary>
    ProxyRefused,

    /// <summary>Something answered that does not speak this protocol (HTTP, SSH, other TLS).</summary>
    WrongService,

    /// <summary>The handshake broke or the peer cut the connection in it.</summary>
    HandshakeFailed,

    /// <summary>Connected, but the handshake did not finish in its time.</summary>
    HandshakeTimedOut,

    /// <summary>
    /// The certificate shown is not pinned but self-made like ours: another node, or this one with a new key.
    /// </summary>
    PeerNotTrusted,

    /// <summary>The certificate shown was issued by somebody: a device on the way opens TLS.</summary>
    TlsIntercepted,

    /// <summary>The peer answered and refused; see <see cref="ChannelException.Refusal"/>.</summary>
    Refused,

    /// <summary>No protocol version in common.</summary>
    VersionMismatch,

    /// <summary>The peer sent something the protocol does not allow.</summary>
    ProtocolViolation,

    /// <summary>No round trip for longer than the limit: half-open link, dead peer.</summary>
    PeerSilent,

    /// <summary>A write did not finish in its time.</summary>
    SendTimedOut,

    /// <summary>The connection was cut (reset or end of stream without a goodbye).</summary>
    ConnectionLost,

    /// <summary>The peer said goodbye, or this side closed the channel.</summary>
    Closed,

    /// <summary>The peer did not answer one request in its time; the channel lives on.</summary>
    RequestTimedOut,

    /// <summary>The peer answered one request with an error; the channel lives on.</summary>
    RequestFailed,

    /// <summary>The peer reset one stream; the channel lives on.</summary>
    StreamReset,

    /// <summary>A limit of this side was reached (requests in flight, streams).</summary>
    LimitReached,
}
