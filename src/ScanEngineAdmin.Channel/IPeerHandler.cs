namespace ScanEngineAdmin.Channel;

/// <summary>The layer above one channel: the console's and the engine's halves.</summary>
public interface IPeerHandler
{
    /// <summary>
    /// Answers a request. <paramref name="body"/> is valid until the returned task ends. Throw
    /// <see cref="PeerRequestException"/> to answer with an error; any other exception answers with code 0 and no
    /// detail.
    /// </summary>
    ValueTask<ReadOnlyMemory<byte>> OnRequestAsync(
        PeerChannel channel, ushort method, ReadOnlyMemory<byte> body, CancellationToken cancellationToken);

    /// <summary>Takes a stream that the peer opened; the stream ends when the task ends.</summary>
    Task OnStreamAsync(PeerChannel channel, ChannelStream stream, CancellationToken cancellationToken);
}
