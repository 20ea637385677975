using System.Net;

namespace ScanEngineAdmin.Channel.Handshake;

/// <summary>Reasons for a connection that came in and never got as far as a verdict, for this side's log.</summary>
internal static class IncomingFailure
{
    public static ChannelException Foreign(ReadOnlySpan<byte> head, string remote)
    {
        string? foreign = FirstBytes.Foreign(head);
        string seen = foreign is not null
            ? $"spoke {foreign} to this port, not the ScanEngine protocol: it is not a node, or its port is wrong"
            : head.IsEmpty
                ? "connected and closed without a word: a probe of the port, or a dial given up"
                : "began TLS and closed before its first record was complete";
        return new ChannelException(
            foreign is null ? ChannelFault.HandshakeFailed : ChannelFault.WrongService,
            ChannelStage.FirstBytes,
            remote,
            $"{remote} {seen}.");
    }

    public static ChannelException Tls(string remote, Exception cause)
    {
        string reason = cause.InnerException is { } inner ? $"{cause.Message} {inner.Message}" : cause.Message;
        return new ChannelException(
            ChannelFault.HandshakeFailed,
            ChannelStage.Tls,
            remote,
            $"The TLS handshake with {remote} broke: {reason} A node offers TLS 1.2 or 1.3, a certificate and the "
            + "ScanEngine protocol (ALPN); a node that does not trust the identity it met here breaks off too.",
            cause);
    }

    /// <summary>A chain of certificates, a large certificate, a hello stuffed with extensions.</summary>
    public static ChannelException TooMuchTls(string remote) => new(
        ChannelFault.LimitReached,
        ChannelStage.Tls,
        remote,
        $"{remote} sent more within TLS than a node does before its handshake is done (at most "
        + $"{TlsBounds.Handshake} bytes, {TlsBounds.AfterFirstRecord} of them after its first record): it is not a "
        + "node. A node shows one small certificate and no chain.");

    public static ChannelException TooMany(string remote, string limit) => new(
        ChannelFault.LimitReached,
        ChannelStage.FirstBytes,
        remote,
        $"The connection from {remote} was closed at once: {limit}.");

    public static ChannelException Evicted(string remote) => new(
        ChannelFault.LimitReached,
        ChannelStage.Tls,
        remote,
        $"The connection from {remote} was closed within its handshake: it was waited for longer than "
        + $"{HandshakePlaces.PeerTime.TotalSeconds} s while others wait for its place (MaxHandshakesInTls).");

    /// <summary>Nobody of this node has had time for it.</summary>
    public static ChannelException NoPlace(string remote, string how) => new(
        ChannelFault.LimitReached,
        ChannelStage.FirstBytes,
        remote,
        $"The connection from {remote} was closed before its handshake: {how} (MaxHandshakesInTls).");

    public static ChannelException TimedOut(ReadOnlySpan<byte> head, string remote, ChannelStage stage, TimeSpan limit)
    {
        string what = head.IsEmpty
            ? "connected, but said nothing"
            : $"began a handshake, but did not finish it (stage {stage})";
        return new ChannelException(
            ChannelFault.HandshakeTimedOut,
            stage,
            remote,
            $"{remote} {what} within {limit.TotalSeconds:0.#} s: a probe, a slow client, or packets lost on the way.");
    }

    public static ChannelException Undecided(string remote, Exception cause) => new(
        ChannelFault.HandshakeFailed,
        ChannelStage.Hello,
        remote,
        $"Deciding about {remote} failed on this side: {cause.Message}",
        cause);

    public static ChannelException Accepting(IPEndPoint endPoint, Exception cause) => new(
        ChannelFault.LimitReached,
        ChannelStage.Bind,
        endPoint.ToString(),
        $"Accepting on {endPoint} fails on this host ({cause.Message}) and is tried again. A limit of open files is "
        + "the usual cause.",
        cause);
}
