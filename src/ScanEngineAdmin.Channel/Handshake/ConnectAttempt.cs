using System.Net;
using System.Net.Sockets;

namespace ScanEngineAdmin.Channel.Handshake;

/// <summary>One address that was tried: how it ended and how long it took, which tells some causes apart.</summary>
internal sealed record ConnectAttempt(IPEndPoint EndPoint, SocketError Error, TimeSpan Elapsed)
{
    // An address that nobody answers for is given up after about 3 s; a firewall's ICMP comes at once.
    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(1);

    public ChannelFault Fault => Error switch
    {
        SocketError.ConnectionRefused => ChannelFault.ConnectionRefused,
        SocketError.HostUnreachable or SocketError.HostDown => Elapsed < AtOnce
            ? ChannelFault.AdminProhibited
            : ChannelFault.HostUnreachable,
        SocketError.AccessDenied => ChannelFault.AdminProhibited,
        SocketError.NetworkUnreachable or SocketError.NetworkDown or SocketError.AddressNotAvailable
            or SocketError.AddressFamilyNotSupported => ChannelFault.HostUnreachable,
        SocketError.TimedOut or SocketError.OperationAborted => ChannelFault.ConnectTimedOut,
        SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable => ChannelFault.LimitReached,
        _ => ChannelFault.HandshakeFailed,
    };

    public string Seen => Fault switch
    {
        ChannelFault.ConnectionRefused =>
            "refused at once: nothing listens on this port there, or a firewall answers in its place",
        ChannelFault.AdminProhibited when Error == SocketError.AccessDenied =>
            "this host's own policy forbids the connection",
        ChannelFault.AdminProhibited =>
            "rejected at once as unreachable: a firewall at or before the host forbids it",
        ChannelFault.HostUnreachable when Elapsed >= AtOnce =>
            $"no host answers at this address ({Seconds} s)",
        ChannelFault.HostUnreachable => "this host has no route to that network",
        ChannelFault.ConnectTimedOut =>
            $"no answer within {Seconds} s: a firewall drops silently on the way or at either end, or there is no host",
        _ => $"failed with {Error} after {Seconds} s",
    };

    private string Seconds => Elapsed.TotalSeconds.ToString("0.#", System.Globalization.CultureInfo.InvariantCulture);

    public override string ToString() => $"{EndPoint}: {Seen}";

    /// <summary>
    /// One reason for all attempts: the one that got farthest, as an address that answers is likely the right one.
    /// </summary>
    public static ChannelException Explain(DialTarget target, IReadOnlyList<ConnectAttempt> attempts)
    {
        ConnectAttempt worst = attempts.OrderBy(attempt => Rank(attempt.Fault)).First();
        return new ChannelException(
            worst.Fault,
            ChannelStage.Connect,
            target.EndPoint,
            $"No connection to {target.EndPoint}. Tried {string.Join("; ", attempts)}.");
    }

    private static int Rank(ChannelFault fault) => fault switch
    {
        ChannelFault.ConnectionRefused => 0,
        ChannelFault.AdminProhibited => 1,
        ChannelFault.ConnectTimedOut => 2,
        ChannelFault.HostUnreachable => 3,
        _ => 4,
    };
}
