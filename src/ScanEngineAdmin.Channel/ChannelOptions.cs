namespace ScanEngineAdmin.Channel;

/// <summary>Every time and every limit of a channel: what it bounds and why it is what it is.</summary>
public sealed record ChannelOptions
{
    public static ChannelOptions Default { get; } = new();

    /// <summary>The one source of time.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>The HTTP proxy that is dialled through; null dials directly.</summary>
    public HttpProxy? Proxy { get; init; }

    /// <summary>
    /// TCP connection attempt per address. A lost SYN is repeated after 1 s and 3 s; 10 s covers both.
    /// </summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// From the accepted connection to the verdict in the first frame, on either side. Bounds slow clients.
    /// </summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// How long without a round trip until a ping is sent: by the dialler, or by either end where data flow. Below every
    /// middlebox's idle cut (60 s).
    /// </summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>
    /// How long without a round trip until the channel is dead. Two pings may be lost; still under 45 s.
    /// </summary>
    public TimeSpan PeerTimeout { get; init; } = TimeSpan.FromSeconds(40);

    /// <summary>
    /// How long one write to the socket may take. A peer that reads nothing at all is as good as dead.
    /// </summary>
    public TimeSpan SendTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the peer may take to answer one request.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long closing waits for what is still to be written.</summary>
    public TimeSpan CloseTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Requests in flight from this side; a caller beyond it waits.</summary>
    public int MaxRequestsOut { get; init; } = 1024;

    /// <summary>
    /// Requests in flight from the peer; one more is a protocol violation (it knows the limit from the hello's side).
    /// </summary>
    public int MaxRequestsIn { get; init; } = 1024;

    /// <summary>Streams open at once, counted for each opener.</summary>
    public int MaxStreams { get; init; } = 128;

    /// <summary>First credit of a stream: enough for a LAN; it grows with bandwidth times round trip.</summary>
    public int InitialWindow { get; init; } = 256 * 1024;

    /// <summary>Most credit of a stream: 10 Gbit/s at 13 ms, 1 Gbit/s at 130 ms.</summary>
    public int MaxWindow { get; init; } = 16 * 1024 * 1024;

    /// <summary>
    /// Credit of all streams of all channels that share these options, beyond each stream's first window. Memory is
    /// bounded by this, never by streams times window.
    /// </summary>
    public long CreditBudget { get; init; } = 256L * 1024 * 1024;

    /// <summary>Stream data waiting to be written, per channel: the delay it may cost a control frame.</summary>
    public int SendQueue { get; init; } = 128 * 1024;

    /// <summary>
    /// Control frames waiting to be written, per channel. Beyond it the peer does not read: the channel ends.
    /// </summary>
    public int ControlQueue { get; init; } = 4 * 1024 * 1024;

    /// <summary>
    /// Handshakes that work at once at a listener: bounds the CPU of a storm. One that waits for its peer does not
    /// count.
    /// </summary>
    public int MaxHandshakes { get; init; } = Math.Max(8, 4 * Environment.ProcessorCount);

    /// <summary>
    /// Handshakes within TLS at once: bounds the memory of a storm. One more waits before TLS.
    /// </summary>
    public int MaxHandshakesInTls { get; init; } = 16 * Math.Max(8, 4 * Environment.ProcessorCount);

    /// <summary>Connections waiting for a handshake; one more is closed at once.</summary>
    public int MaxHandshakeQueue { get; init; } = 16 * 1024;

    /// <summary>Unauthenticated connections from one address at once.</summary>
    public int MaxHandshakesPerAddress { get; init; } = 64;
}
