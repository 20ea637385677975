using System.Net.Sockets;
using ScanEngineAdmin.Channel.Handshake;
using ScanEngineAdmin.Channel.Wire;

namespace ScanEngineAdmin.Channel;

/// <summary>Dials a peer: name, connection, TLS with the pin decided in its callback, hello, verdict.</summary>
public sealed class ChannelDialer
{
    private readonly NodeIdentity _identity;
    private readonly ChannelRuntime _runtime;
    private readonly Connector _connector;

    public ChannelDialer(NodeIdentity identity, ChannelRuntime runtime)
        : this(identity, runtime, null)
    {
    }

    internal ChannelDialer(NodeIdentity identity, ChannelRuntime runtime, Connector? connector)
    {
        ArgumentNullException.ThrowIfNull(identity);
        ArgumentNullException.ThrowIfNull(runtime);
        _identity = identity;
        _runtime = runtime;
        _connector = connector ?? new Connector(runtime.Options);
    }

    /// <summary>Opens a channel; returns only after the peer's Welcome.</summary>
    /// <exception cref="ChannelException">Says stage, endpoint, fault; Refused carries the refusal.</exception>
    public Task<PeerChannel> OpenChannelAsync(
        DialTarget target, PeerHello hello, IPeerHandler handler, CancellationToken cancellationToken) =>
        OpenChannelAsync(_identity, target, hello, handler, cancellationToken);

    /// <summary>As above, showing another identity of this node than the dialler's own.</summary>
    /// <exception cref="ChannelException">Says stage, endpoint, fault; Refused carries the refusal.</exception>
    public async Task<PeerChannel> OpenChannelAsync(
        NodeIdentity identity,
        DialTarget target,
        PeerHello hello,
        IPeerHandler handler,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(identity);
        ArgumentNullException.ThrowIfNull(handler);
        byte[] message = Check(target, hello);
        if (target.Pins.Count == 0)
        {
            throw new ArgumentException("A channel is opened only to an identity that is pinned.", nameof(target));
        }

        Socket socket = await _connector.ConnectAsync(target, cancellationToken).ConfigureAwait(false);
        ChannelOptions options = _runtime.Options;
        using var deadline = new Deadline(options.HandshakeTimeout, options.Time, cancellationToken);
        return await new ClientHandshake(identity, options, target, ChannelPurpose.Channel)
            .RunAsync(socket, message, deadline, MakeChannelAsync, cancellationToken)
            .ConfigureAwait(false);

        async Task<PeerChannel> MakeChannelAsync(HandshakeConnection connection, CancellationToken token)
        {
            (FrameKind kind, byte[] payload) = await connection.ReadAsync(token).ConfigureAwait(false);
            (int version, PeerHello peer) = PeerVerdict.ReadWelcome(connection, kind, payload, hello);
            return connection.BecomeChannel(peer, version, dialled: true, handler, _runtime);
        }
    }

    /// <summary>Opens a connection to become paired; its messages are the pairing's.</summary>
    public Task<PairingConnection> OpenPairingAsync(
        DialTarget target, PeerHello hello, CancellationToken cancellationToken) =>
        OpenPairingAsync(_identity, target, hello, cancellationToken);

    /// <summary>As above, showing another identity of this node than the dialler's own.</summary>
    public async Task<PairingConnection> OpenPairingAsync(
        NodeIdentity identity, DialTarget target, PeerHello hello, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(identity);
        byte[] message = Check(target, hello);
        Socket socket = await _connector.ConnectAsync(target, cancellationToken).ConfigureAwait(false);
        ChannelOptions options = _runtime.Options;
        // Goes on after this method: all messages of a pairing share the one handshake timeout.
        var deadline = new Deadline(options.HandshakeTimeout, options.Time, CancellationToken.None);
        try
        {
            using CancellationTokenRegistration cancel = cancellationToken.Register(deadline.Cancel);
            return await new ClientHandshake(identity, options, target, ChannelPurpose.Pairing)
                .RunAsync(
                    socket,
                    message,
                    deadline,
                    (connection, _) => Task.FromResult(
                        new PairingConnection(connection, hello, deadline, options.HandshakeTimeout)),
                    cancellationToken)
                .ConfigureAwait(false);
        }
        catch
        {
            deadline.Dispose();
            throw;
        }
    }

    private static byte[] Check(DialTarget target, PeerHello hello)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(hello);
        ArgumentException.ThrowIfNullOrWhiteSpace(target.Host);
        if (target.Port is < 1 or > 65535)
        {
            throw new ArgumentOutOfRangeException(nameof(target), target.Port, "A port is 1 to 65535.");
        }

        return HandshakeJson.Write(HelloMessage.From(hello));
    }
}
