using System.Net.Security;
using System.Net.Sockets;

namespace ScanEngineAdmin.Channel.Handshake;

/// <summary>Turns a TLS handshake that broke into a reason, by what the peer had sent until then.</summary>
internal static class TlsFailure
{
    public static ChannelException Explain(ReadOnlySpan<byte> head, string endPoint, Exception? cause)
    {
        if (BusyAnswer.Read(head) is { } busy)
        {
            return new ChannelException(
                ChannelFault.Refused,
                ChannelStage.FirstBytes,
                endPoint,
                $"{endPoint} is busy: {busy.Text}",
                cause)
            {
                Refusal = busy,
            };
        }

        if (FirstBytes.Foreign(head) is { } foreign)
        {
            return new ChannelException(
                ChannelFault.WrongService,
                ChannelStage.FirstBytes,
                endPoint,
                $"{endPoint} speaks {foreign}, not the ScanEngine protocol: the port is another service's, or "
                + "something on the way answers in its place.",
                cause);
        }

        if (head.IsEmpty)
        {
            string how = cause?.InnerException is SocketException || cause is IOException { InnerException: not null }
                ? "cut" : "closed";
            return new ChannelException(
                ChannelFault.HandshakeFailed,
                ChannelStage.FirstBytes,
                endPoint,
                $"{endPoint} {how} the connection before it said anything. It may be a device on the way that accepts "
                + "and then drops, a forwarding with nothing behind it, or a node with too many handshakes under way.",
                cause);
        }

        return FirstBytes.Alert(head) switch
        {
            FirstBytes.NoApplicationProtocol => new ChannelException(
                ChannelFault.WrongService,
                ChannelStage.Tls,
                endPoint,
                $"{endPoint} speaks TLS, but not the ScanEngine protocol inside it: another TLS service is there.",
                cause),
            { } alert => new ChannelException(
                ChannelFault.HandshakeFailed,
                ChannelStage.Tls,
                endPoint,
                $"{endPoint} ended the TLS handshake with alert {alert}. This side offers TLS 1.2 and 1.3 with an "
                + "ECDSA P-256 certificate; the other side does not take that.",
                cause),
            null => new ChannelException(
                ChannelFault.HandshakeFailed,
                ChannelStage.Tls,
                endPoint,
                $"The TLS handshake with {endPoint} broke: {Reason(cause)}",
                cause),
        };
    }

    /// <summary>More than a node's own certificate: it was issued by somebody, or belongs to something else.</summary>
    public static ChannelException TooMuch(string endPoint) => new(
        ChannelFault.TlsIntercepted,
        ChannelStage.Tls,
        endPoint,
        $"{endPoint} shows more than a node's own small certificate (over {TlsBounds.Handshake} bytes within TLS): a "
        + "device on the way opens TLS, or another TLS service answers on this port.");

    /// <summary>A peer that takes none but a suite that nodes do not use.</summary>
    public static ChannelException WeakSuite(string endPoint, TlsCipherSuite suite) => new(
        ChannelFault.HandshakeFailed,
        ChannelStage.Tls,
        endPoint,
        $"{endPoint} agreed on {suite} only, which nodes do not use: its TLS stack is too old, or something on the way "
        + "weakens it.");

    /// <summary>TLS went well, but nobody agreed on what is spoken in it.</summary>
    public static ChannelException NoCommonPurpose(string endPoint) => new(
        ChannelFault.WrongService,
        ChannelStage.Tls,
        endPoint,
        $"{endPoint} speaks TLS, but did not agree to the ScanEngine protocol inside it (ALPN): it is another TLS "
        + "service or client, or a device on the way opens TLS.");

    public static ChannelException TimedOut(
        ReadOnlySpan<byte> head, string endPoint, ChannelStage stage, TimeSpan limit, TransportFacts? facts = null)
    {
        bool silent = stage <= ChannelStage.Tls && head.IsEmpty;
        string what = silent
            ? $"Connected to {endPoint}, but nothing was said there"
            : $"The handshake with {endPoint} did not finish (stage {stage})";
        string why = silent
            ? "The port may be held by something that is not a node, or large packets are lost on the way."
            : "The other side is overloaded or stuck, or large packets are lost on the way.";
        return new ChannelException(
            ChannelFault.HandshakeTimedOut,
            silent ? ChannelStage.FirstBytes : stage,
            endPoint,
            $"{what} within {limit.TotalSeconds:0.#} s. {why}")
        {
            Transport = facts,
        };
    }

    private static string Reason(Exception? cause) => cause is null
        ? "the other side closed the connection."
        : cause.InnerException is { } inner ? $"{cause.Message} {inner.Message}" : cause.Message;
}
