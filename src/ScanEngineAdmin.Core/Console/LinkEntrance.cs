using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Certificates;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Nodes;

namespace ScanEngineAdmin.Core.Console;

/// <summary>
/// Where the channels to one engine come in, whoever dialled: each is let in while the store says so, watched to its
/// end, and closed when the engine is no longer trusted.
/// </summary>
internal sealed class LinkEntrance(
    ConsoleContext node, EngineLink link, EngineDialer dial, CancellationToken stopping)
{
    // Of two that come in one after the other, the later one must not be overtaken while the store is written.
    private readonly object _entering = new();

    /// <summary>
    /// Takes a channel that has been welcomed or dialled; it counts as contact once a round trip was made.
    /// </summary>
    public async Task AttachAsync(PeerChannel channel, CancellationToken cancellationToken)
    {
        var entry = new LinkChannel(channel, HelloFacts.From(channel.Peer.Hello));
        bool ended;
        Refusal? refusal;
        try
        {
            await channel.PingAsync(cancellationToken).ConfigureAwait(false);
            lock (_entering)
            {
                EngineRecord? engine = node.Store.GetEngine(link.PairingId);
                refusal = Judge(engine, channel);
                if (refusal is null)
                {
                    // One that is not let in takes no channel's place.
                    EngineReport.Take(node, engine!, entry.Facts);
                    link.Contact.Opened(channel.Peer);
                    link.Channels.Add(entry);
                }
            }

            // Asked when it is there to be closed: either who revokes sees it, or it is seen here that it is revoked.
            ended = stopping.IsCancellationRequested;
            refusal ??= Judge(node.Store.GetEngine(link.PairingId), channel);
        }
        catch
        {
            Leave(entry);
            await channel.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        if (ended || refusal is not null)
        {
            // Its handshake ended after this link did, which ends with its pairing too, not only with the console.
            refusal ??= new Refusal(RefusalCode.Stopping, "The console is stopping.");
            Leave(entry);
            await channel.CloseAsync(refusal.Code, refusal.Text).ConfigureAwait(false);
            return;
        }

        Log(LogLevel.Information, Events.ChannelOpened, entry, $"open ({entry.Way}).");
        node.SeeKey(channel.Peer.Fingerprint);
        _ = WatchAsync(entry);
        link.OnChannelOpened();
        link.Contact.RecordRoundTrip(channel);
        if (entry.Facts.Proposal is { } proposal)
        {
            link.TakeProposal(proposal);
        }

        node.Certificate.ChannelOpened();
    }

    /// <summary>
    /// The engine's key was replaced, or its pairing undone: what was let in with the old one goes at once. The record
    /// may be older than a channel that shows a key announced since, so the last word is the store's.
    /// </summary>
    public Task EnforceAsync(EngineRecord engine)
    {
        PeerChannel[] suspects = link.Channels.Open.Where(channel => Judge(engine, channel) is not null).ToArray();
        EngineRecord? now = suspects.Length > 0 ? node.Store.GetEngine(link.PairingId) : engine;
        return Task.WhenAll(suspects.Select(channel => Judge(now, channel) is { } refusal
            ? channel.CloseAsync(refusal.Code, refusal.Text)
            : Task.CompletedTask));
    }

    /// <summary>
    /// Null for a channel that is let in. An engine takes Revoked for the end of its pairing: a channel with a key that
    /// the same engine has replaced is not told so, although it may come in after the replacement.
    /// </summary>
    private static Refusal? Judge(EngineRecord? engine, PeerChannel channel) =>
        engine is not { State: EngineState.Paired } || engine.EngineId != channel.Peer.Hello.NodeId
            ? new Refusal(RefusalCode.Revoked, "This console has ended the pairing.")
            : engine.Pins.Contains(channel.Peer.Fingerprint)
                ? null
                : new Refusal(RefusalCode.Unspecified, PeerCertificates.ReplacedKey);

    /// <summary>One that does not stay after all: the channel whose place it took is gone as well.</summary>
    private void Leave(LinkChannel entry)
    {
        if (link.Channels.Remove(entry) && !link.Channels.Any && !stopping.IsCancellationRequested)
        {
            link.OnChannelLost();
            link.Wake();
        }
    }

    private async Task WatchAsync(LinkChannel entry)
    {
        await entry.Channel.Completion.ConfigureAwait(false);
        link.Channels.Remove(entry);
        ChannelException? fault = entry.Channel.Fault;
        bool goodbye = fault?.Fault == ChannelFault.Closed;
        bool superseded = fault?.Refusal?.Code == RefusalCode.Superseded;
        Log(
            goodbye ? LogLevel.Information : LogLevel.Warning,
            Events.ChannelClosed,
            entry,
            $"ended: {fault?.Message ?? "closed"}");
        try
        {
            if (entry.Channel.Peer.Dialled && superseded && !entry.Superseded && !link.Channels.Any)
            {
                dial.HoldOff();
            }
        }
        catch (ScanEngineException exception)
        {
            // It holds off all the same; only the note of it is missing.
            node.Log(LogLevel.Warning, Events.StoreFault, exception.Message, ("pairing", link.PairingId.ToString("D")));
        }

        // Superseded by a channel of this console that has not come up.
        bool lost = !goodbye || fault?.Refusal?.Code == RefusalCode.Stopping || (superseded && entry.Superseded);
        if (fault?.Refusal?.Code == RefusalCode.Denied && !link.Channels.Any)
        {
            link.Contact.Denied(fault);
        }

        if (lost && !link.Channels.Any && !stopping.IsCancellationRequested)
        {
            link.OnChannelLost();
        }

        link.Wake();
    }

    private void Log(LogLevel level, string name, LinkChannel entry, string what) => node.LogPeer(
        link.PairingId, level, name, $"Channel to engine {entry.Channel.Peer.Hello.Name} {what}",
        ("remote", entry.Channel.Peer.Remote.ToString()),
        ("way", entry.Way.ToString()));
}
