using System.Net;
using ScanEngineAdmin.Channel.Handshake;
using ScanEngineAdmin.Channel.Wire;

namespace ScanEngineAdmin.Channel;

/// <summary>
/// A connection that has finished TLS and said hello, and waits for the verdict. Nothing was allocated for it beyond
/// this. Whoever takes it welcomes or refuses it; if neither happens it is closed.
/// </summary>
public sealed class IncomingPeer
{
    private readonly int _version;
    private readonly ChannelRuntime _runtime;
    private readonly Deadline _deadline;
    private readonly HandshakeGate.Admission _admission;
    private int _verdict;

    internal IncomingPeer(
        HandshakeConnection connection,
        ChannelPurpose purpose,
        PeerHello hello,
        int version,
        ChannelRuntime runtime,
        Deadline deadline,
        HandshakeGate.Admission admission)
    {
        Connection = connection;
        Purpose = purpose;
        Hello = hello;
        _version = version;
        _runtime = runtime;
        _deadline = deadline;
        _admission = admission;
    }

    public ChannelPurpose Purpose { get; }

    public PeerHello Hello { get; }

    public Fingerprint Fingerprint => Connection.Fingerprint;

    /// <summary>The identity that this end showed it.</summary>
    public Fingerprint ShownFingerprint => Connection.Shown;

    public IPEndPoint Remote => Connection.Remote;

    internal HandshakeConnection Connection { get; }

    /// <summary>Whether the connection is a channel now and no longer the handshake's.</summary>
    internal bool IsWelcomed { get; private set; }

    /// <summary>
    /// Whether the peer was told anything; then silence from the owner is the end and not a lack of a verdict.
    /// </summary>
    internal bool HasAnswered { get; private set; }

    /// <summary>For <see cref="ChannelPurpose.Channel"/>: answers Welcome and makes the channel.</summary>
    public async Task<PeerChannel> WelcomeAsync(
        PeerHello hello, IPeerHandler handler, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(hello);
        ArgumentNullException.ThrowIfNull(handler);
        Expect(ChannelPurpose.Channel);
        byte[] message = HandshakeJson.Write(
            new WelcomeMessage { Version = _version, Hello = HelloMessage.From(hello) });
        TakeVerdict();
        using var both = Both(cancellationToken);
        await Connection.WriteAsync(FrameKind.Welcome, message, both.Token).ConfigureAwait(false);
        HasAnswered = true;
        _deadline.Disarm();
        _admission.Place.Served();
        _admission.Dispose();
        PeerChannel channel = Connection.BecomeChannel(Hello, _version, dialled: false, handler, _runtime);
        IsWelcomed = true;
        _ = RememberAsync(channel.Completion);
        return channel;
    }

    /// <summary>A peer is known from its address for as long as its channel was open, and a while longer.</summary>
    private async Task RememberAsync(Task ended)
    {
        await ended.ConfigureAwait(false);
        _admission.Place.Served();
    }

    /// <summary>Answers Refuse and closes.</summary>
    public async Task RefuseAsync(Refusal refusal, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(refusal);
        TakeVerdict();
        using var both = Both(cancellationToken);
        await WriteRefusalAsync(Connection, refusal, both.Token).ConfigureAwait(false);
        HasAnswered = true;
        _admission.EndTurn();
    }

    /// <summary>For <see cref="ChannelPurpose.Pairing"/>: sends one message.</summary>
    public async Task SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        Expect(ChannelPurpose.Pairing);
        using var both = Both(cancellationToken);
        await Connection.WriteAsync(FrameKind.Pair, message, both.Token).ConfigureAwait(false);
        HasAnswered = true;
    }

    /// <summary>For <see cref="ChannelPurpose.Pairing"/>: receives one message.</summary>
    public async Task<byte[]> ReceiveAsync(CancellationToken cancellationToken)
    {
        Expect(ChannelPurpose.Pairing);
        using var both = Both(cancellationToken);
        (FrameKind kind, byte[] payload) = await Connection.ReadAsync(both.Token).ConfigureAwait(false);
        return kind == FrameKind.Pair ? payload : throw Connection.Violation($"{kind} in a pairing");
    }

    internal static async Task WriteRefusalAsync(
        HandshakeConnection connection, Refusal refusal, CancellationToken cancellationToken)
    {
        byte[] message = HandshakeJson.Write(RefuseMessage.From(refusal));
        await connection.WriteAsync(FrameKind.Refuse, message, cancellationToken).ConfigureAwait(false);
        await connection.EndWritingAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The verdict is one, and after the owner's decision has ended there is none any more.</summary>
    internal bool TryTakeVerdict() => Interlocked.Exchange(ref _verdict, 1) == 0;

    private void TakeVerdict()
    {
        if (!TryTakeVerdict())
        {
            throw new InvalidOperationException("The peer has its verdict already, or deciding about it is over.");
        }
    }

    private void Expect(ChannelPurpose purpose)
    {
        if (Purpose != purpose)
        {
            throw new InvalidOperationException(
                $"The connection is for {Purpose}: a pairing never becomes a channel, and a channel is no pairing.");
        }
    }

    private CancellationTokenSource Both(CancellationToken cancellationToken) =>
        CancellationTokenSource.CreateLinkedTokenSource(_deadline.Token, cancellationToken);
}
