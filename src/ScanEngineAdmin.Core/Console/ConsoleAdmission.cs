using System.Globalization;
using System.Net;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Core.NodeProcess;
using ScanEngineAdmin.Core.Pairing;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;

namespace ScanEngineAdmin.Core.Console;

/// <summary>
/// The console's verdict on whoever dials it: by the identity that TLS proved, on every connection. Nothing that a
/// peer merely claims lets it in. The verdict writes nothing; <see cref="LinkEntrance"/> takes down what a channel that
/// was let in says.
/// </summary>
internal sealed class ConsoleAdmission(ConsoleContext node, EngineLinks links)
{
    public async Task DecideAsync(IncomingPeer peer, CancellationToken cancellationToken)
    {
        if (peer.Purpose == ChannelPurpose.Pairing)
        {
            PairingVerdict verdict = await node.AnswerPairingAsync(
                peer, new ConsoleLedger(node.Store, node.Time), cancellationToken).ConfigureAwait(false);
            if (verdict is { Refused: null, Peer: { } known })
            {
                links.FindOrAdd(known.PairingId).Wake();
                links.Ring();
            }

            return;
        }

        HelloFacts facts = HelloFacts.From(peer.Hello);
        (EngineRecord? engine, Refusal? refusal) = Judge(peer, facts);
        if (engine is not null && !node.Slots.TryTake(engine.PairingId))
        {
            refusal = ChannelSlots.Full;
        }

        if (refusal is not null || engine is null)
        {
            await node.RefuseAsync(peer, refusal!, cancellationToken).ConfigureAwait(false);
            return;
        }

        PeerHello hello = node.Hello(
            new HelloFacts { PairingId = engine.PairingId, Direction = engine.Direction, Epoch = engine.Epoch });
        if (facts.Probe)
        {
            var inner = new ConsolePeerHandler(node, links.FindOrAdd(engine.PairingId));
            await node.Slots.WelcomeProbeAsync(peer, engine.PairingId, hello, inner, cancellationToken)
                .ConfigureAwait(false);
            return;
        }

        try
        {
            EngineLink link = links.FindOrAdd(engine.PairingId);
            PeerChannel channel = await peer
                .WelcomeAsync(hello, new ConsolePeerHandler(node, link), cancellationToken).ConfigureAwait(false);
            await link.Entrance.AttachAsync(channel, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            node.Slots.Give(engine.PairingId);
        }
    }

    /// <summary>
    /// A handshake that came to nothing. An engine of another protocol is refused before anybody is asked; by the
    /// identity it proved, its admin is told all the same.
    /// </summary>
    public void Failed(ChannelException fault, IPAddress address) =>
        node.HandshakeFailed(fault, address, NoteIncompatible);

    private void NoteIncompatible(Fingerprint key, string detail)
    {
        if (node.Store.FindEngine(key) is { } engine)
        {
            links.FindOrAdd(engine.PairingId).Contact.Failed(CommunicationStatus.Incompatible, detail, null);
        }
    }

    private (EngineRecord? Engine, Refusal? Refusal) Judge(IncomingPeer peer, HelloFacts facts)
    {
        if (peer.Hello.Role != NodeRole.Engine)
        {
            return (null, new Refusal(
                RefusalCode.WrongRole, "This is a console; it takes connections of engines only."));
        }

        EngineRecord? engine = node.Store.FindEngine(peer.Hello.NodeId);
        if (engine is null)
        {
            return (null, RevokedKeys.Has(node.Store, peer.Fingerprint)
                ? new Refusal(RefusalCode.Revoked, "This console has ended the pairing.")
                : new Refusal(RefusalCode.NotPaired, "This engine is not paired with this console."));
        }

        if (!engine.Pins.Contains(peer.Fingerprint))
        {
            return (null, engine.State == EngineState.Paired
                ? new Refusal(RefusalCode.IdentityConflict, "This engine id is paired here with another key.")
                : new Refusal(
                    RefusalCode.Pending,
                    "This console's admin has still to approve this engine.",
                    TimeSpan.FromSeconds(5)));
        }

        if (engine.State != EngineState.Paired)
        {
            return (null, new Refusal(
                RefusalCode.Pending, "The pairing is not complete yet.", TimeSpan.FromSeconds(5)));
        }

        engine = EngineReport.Adopted(engine, facts);
        if (engine.Direction == CommunicationDirection.EngineToConsole || MayDiffer(engine, facts))
        {
            return (engine, null);
        }

        return (null, new Refusal(
            RefusalCode.WrongDirection,
            string.Create(
                CultureInfo.InvariantCulture,
                $"Engine {engine.Name} is console-to-engine (epoch {engine.Epoch}): this console dials it.")));
    }

    /// <summary>
    /// A change whose outcome the engine has not acknowledged keeps both ways open; so does one this store never heard
    /// of. An engine that is certain of the other direction is let in too: one of the two came back from a backup, and
    /// what is in force is settled over this channel (<see cref="DirectionReconciler"/>). So is one whose admin
    /// proposes that direction: it becomes an ordinary change, and the way in force may be dead.
    /// </summary>
    private bool MayDiffer(EngineRecord engine, HelloFacts facts)
    {
        ChangeRecord? open = node.Store.ListChanges(engine.PairingId, openOnly: true) is [var newest, ..]
            ? newest
            : null;
        return open is { State: not ChangeState.Requested } || (facts.ChangeId is not null && open is null)
            || facts is { ChangeId: null, Direction: CommunicationDirection.EngineToConsole, Epoch: not null }
            || facts.Proposal == CommunicationDirection.EngineToConsole;
    }
}
