using ScanEngineAdmin.Channel;

namespace ScanEngineAdmin.Core.Messages;

/// <summary>Requests with JSON both ways.</summary>
internal static class Ask
{
    /// <exception cref="ChannelException">The channel's fault, or RequestFailed with the peer's code and text.</exception>
    public static async Task<TReply> AskAsync<TReply>(
        this PeerChannel channel, ushort method, object request, CancellationToken cancellationToken)
        where TReply : class
    {
        using Payload reply = await channel
            .RequestAsync(method, WireJson.Write(request), cancellationToken).ConfigureAwait(false);
        try
        {
            return WireJson.Read<TReply>(reply.Memory);
        }
        catch (PeerRequestException exception)
        {
            throw new ChannelException(
                ChannelFault.ProtocolViolation,
                ChannelStage.Open,
                channel.Peer.Remote.ToString(),
                $"{channel.Peer.Hello.Role} {channel.Peer.Hello.Name} gave an answer that cannot be read: {exception.Message}",
                exception);
        }
    }
}
