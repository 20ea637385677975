using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Pairing;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Nodes;

namespace ScanEngineAdmin.Core.Engine;

/// <summary>Asks a console that this engine is to poll for approval.</summary>
internal static class EnginePairing
{
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Asks a console that was named without a secret for approval; says when to ask (or dial) again.
    /// </summary>
    /// <exception cref="ChannelException">It cannot be reached, or it refuses.</exception>
    public static async Task<TimeSpan> AskAsync(
        EngineContext node, ConsoleRecord console, CancellationToken cancellationToken)
    {
        bool approved = console.State == ConsoleState.Approved;
        var target = new DialTarget(console.Address!, console.Port, approved ? console.Pins : []);
        NodeIdentity own = node.Certificate.ForPairing(console.FirstSeen);
        PairingConnection connection = await node.Dialer
            .OpenPairingAsync(own, target, node.Hello(console), cancellationToken).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            (PairedPeer peer, bool there) = await new ApprovalUser(node.Self(own.Fingerprint)).AskAsync(
                new DialledPairing(connection),
                console.EngineName,
                null,
                approved ? console.Pins : [],
                target,
                cancellationToken)
                .ConfigureAwait(false);
            bool known = approved && console.Pins.Contains(peer.PeerFingerprint);
            return Answered(node, console.PairingId, peer, known && there, there);
        }
    }

    private static TimeSpan Answered(
        EngineContext node, Guid asked, PairedPeer peer, bool approvedByBoth, bool approvedThere)
    {
        // From what the store says now: an admin may have approved or denied it while it was asked. An approval since
        // then the console has yet to hear of: paired here alone, this engine would never ask again.
        ConsoleRecord? answered = null;
        if (peer.PairingId == asked)
        {
            answered = node.Store.UpdateConsole(
                asked, current => Answer(current, peer, approvedByBoth, approvedThere, node.Now));
        }
        else if (node.Store.GetConsole(asked) is { } place)
        {
            // The console numbers the pairing: what stood here was only a place for it.
            answered = Answer(place, peer, approvedByBoth, approvedThere, node.Now) with { PairingId = peer.PairingId };
            node.Store.PutConsole(
                peer.PairingId, [asked], there => there is null ? answered : throw EngineLedger.Taken(peer));
        }

        if (answered?.State != ConsoleState.Paired)
        {
            return AskAgain;
        }

        string at = answered.ObservedAddress ?? string.Empty;
        node.Audit(Events.Paired, answered, at, "by approval", AuditClass.Pairing);
        return TimeSpan.Zero;
    }

    private static ConsoleRecord Answer(
        ConsoleRecord console, PairedPeer peer, bool approvedByBoth, bool approvedThere, DateTimeOffset now)
    {
        bool confirmed = console.State == ConsoleState.Approved;
        bool approvedHere = confirmed && console.Pins.Contains(peer.PeerFingerprint);
        return console with
        {
            ConsoleId = peer.PeerNodeId,
            Name = peer.PeerName,
            Pins = confirmed ? console.Pins : [peer.PeerFingerprint],
            ObservedAddress = peer.ObservedAddress?.ToString(),
            State = approvedHere && approvedByBoth ? ConsoleState.Paired : console.State,
            LastSeen = now,
            LastError = approvedHere && approvedThere ? null
                : !approvedThere ? "ApprovalPending: the console's admin has still to approve this engine."
                : $"ApprovalPending: compare the console's fingerprint {peer.PeerFingerprint} "
                    + "and run Approve-EngineConsole.",
        };
    }
}
