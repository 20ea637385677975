using System.Globalization;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Messages;

namespace ScanEngineAdmin.Core.Console;

/// <summary>What an engine may ask of the console over its channel: polls, and the stream of scan data.</summary>
internal sealed class ConsolePeerHandler(ConsoleContext node, EngineLink link) : IPeerHandler
{
    public ValueTask<ReadOnlyMemory<byte>> OnRequestAsync(
        PeerChannel channel, ushort method, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        return method switch
        {
            Methods.Poll => new(WireJson.Write(Poll(channel, WireJson.Read<PollRequest>(body)))),
            _ => throw new PeerRequestException((int)RequestCode.UnknownMethod, $"A console has no method {method}."),
        };
    }

    public async Task OnStreamAsync(PeerChannel channel, ChannelStream stream, CancellationToken cancellationToken)
    {
        switch (stream.Kind)
        {
            case Methods.ScanDataStream:
                await ScanDataReceiver.RunAsync(node, link, stream, cancellationToken).ConfigureAwait(false);
                break;
            case Methods.LargeRequestStream:
                await LargeRequest.AnswerAsync(this, channel, stream, cancellationToken).ConfigureAwait(false);
                break;
            default:
                stream.Reset(
                    (int)RequestCode.UnknownMethod, string.Create(CultureInfo.InvariantCulture, $"No stream kind {stream.Kind}."));
                break;
        }
    }

    private PollReply Poll(PeerChannel channel, PollRequest poll)
    {
        TimeSpan interval = TimeSpan.FromSeconds(Math.Clamp(poll.IntervalSeconds, 1, 86400));
        link.Contact.Made(channel.Peer, "polls", node.Now + interval);
        bool taken = poll.Proposal is { } proposal && link.TakeProposal(proposal);
        bool work = node.Store.ListScans(link.PairingId, unfinishedOnly: true).Count > 0
            || node.Store.ListChanges(link.PairingId, openOnly: true).Count > 0;
        if (work)
        {
            link.Wake();
        }

        return new PollReply { Work = work, ProposalTaken = taken };
    }
}
