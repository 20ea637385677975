namespace ScanEngineAdmin.Channel;

/// <summary>
/// One authenticated channel, the same whichever side dialled: requests both ways, streams both ways, heartbeats. The
/// first fault wins, fails everything pending, and completes <see cref="Completion"/>.
/// </summary>
public sealed class PeerChannel : IAsyncDisposable
{
    internal PeerChannel(Stream transport, PeerInfo peer, IPeerHandler handler, ChannelRuntime runtime) =>
        throw new NotImplementedException($"{transport}{peer}{handler}{runtime}");

    public PeerInfo Peer => throw new NotImplementedException();

    /// <summary>Ends when the channel ends, never faulted; then <see cref="Fault"/> says why.</summary>
    public Task Completion => throw new NotImplementedException();

    /// <summary>Why the channel ended; null while it lives.</summary>
    public ChannelException? Fault => throw new NotImplementedException();

    /// <summary>When the last full round trip ended.</summary>
    public DateTimeOffset LastRoundTrip => throw new NotImplementedException();

    /// <summary>Sends a request and waits for the answer, which the caller disposes.</summary>
    /// <exception cref="ChannelException">RequestTimedOut, RequestFailed, or the channel's fault.</exception>
    public ValueTask<Payload> RequestAsync(
        ushort method, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Opens a stream; <paramref name="header"/> (at most 4 KiB) arrives with it.</summary>
    public ValueTask<ChannelStream> OpenStreamAsync(
        ushort kind, ReadOnlyMemory<byte> header, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>A full round trip; returns how long it took.</summary>
    public Task<TimeSpan> PingAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Says goodbye with a reason, writes out what is queued (bounded), closes.</summary>
    public Task CloseAsync(RefusalCode code, string text) => throw new NotImplementedException();

    public ValueTask DisposeAsync() => throw new NotImplementedException();

    internal void Start() => throw new NotImplementedException();
}
