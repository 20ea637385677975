using ScanEngineAdmin.Channel;

namespace ScanEngineAdmin.Core.Messages;

/// <summary>Requests with JSON both ways.</summary>
internal static class Ask
{
    /// <exception cref="ChannelException">The channel's fault, or RequestFailed with the peer's code and
    /// text.</exception>
    public static async Task<TReply> AskAsync<TReply>(
        this PeerChannel channel, ushort method, object request, CancellationToken cancellationToken)
        where TReply : class
    {
        byte[] body = WireJson.Write(request);
        if (LargeRequest.IsNeeded(body))
        {
            return Read<TReply>(
                channel, await LargeRequest.AskAsync(channel, method, body, cancellationToken).ConfigureAwait(false));
        }

        using Payload reply = await channel.RequestAsync(method, body, cancellationToken).ConfigureAwait(false);
        return Read<TReply>(channel, reply.Memory);
    }

    private static TReply Read<TReply>(PeerChannel channel, ReadOnlyMemory<byte> reply)
        where TReply : class
    {
        try
        {
            return WireJson.Read<TReply>(reply);
        }
        catch (PeerRequestException exception)
        {
            throw new ChannelException(
                ChannelFault.ProtocolViolation,
                ChannelStage.Open,
                channel.Peer.Remote.ToString(),
                $"{channel.Peer.Hello.Role} {channel.Peer.Hello.Name} gave an answer that cannot be read: "
                + exception.Message,
                exception);
        }
    }
}
