using System.Globalization;
using System.Net;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Core.Running;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Nodes;

namespace ScanEngineAdmin.Core.Engine;

/// <summary>The engine's verdict on whoever dials it: by the identity that TLS proved, on every connection.</summary>
internal sealed class EngineAdmission(EngineContext node, ConsoleLinks ways)
{
    public async Task DecideAsync(IncomingPeer peer, CancellationToken cancellationToken)
    {
        if (peer.Purpose == ChannelPurpose.Pairing)
        {
            await EnginePairing.AnswerAsync(node, ways, peer, cancellationToken).ConfigureAwait(false);
            return;
        }

        (ConsoleRecord? console, Refusal? refusal) = Judge(peer);
        bool probe = HelloFacts.From(peer.Hello).Probe;
        if (console is not null && probe && !node.Slots.TryTake(console.PairingId))
        {
            refusal = ChannelSlots.Full;
        }

        if (refusal is not null || console is null)
        {
            node.Refused(peer, refusal!);
            await peer.RefuseAsync(refusal!, cancellationToken).ConfigureAwait(false);
            return;
        }

        if (probe)
        {
            EnginePeerHandler inner = ways.Handler(ways.Session(console.PairingId));
            await node.Slots.WelcomeProbeAsync(peer, console.PairingId, node.Hello(console), inner, cancellationToken)
                .ConfigureAwait(false);
            return;
        }

        ConsoleLink session = ways.Session(console.PairingId);
        session.Attach(await peer
            .WelcomeAsync(node.Hello(console), ways.Handler(session), cancellationToken).ConfigureAwait(false));
    }

    /// <summary>
    /// A handshake that came to nothing. A console of another protocol is refused before anybody is asked; by the
    /// identity it proved, this host's admin is told all the same.
    /// </summary>
    public void Failed(ChannelException fault, IPAddress address)
    {
        node.HandshakeFailed(fault, address);
        try
        {
            if (fault is { Fault: ChannelFault.VersionMismatch, Met.IsEmpty: false }
                && node.Store.ListConsoles().FirstOrDefault(known => known.Pins.Contains(fault.Met)) is { } console)
            {
                node.Store.UpdateConsole(
                    console.PairingId,
                    current => current with { LastError = $"{FaultCode.IncompatibleVersion}: {fault.Message}" });
            }
        }
        catch (ScanEngineException exception)
        {
            node.Log(LogLevel.Warning, Events.StoreFault, exception.Message);
        }
    }

    private (ConsoleRecord? Console, Refusal? Refusal) Judge(IncomingPeer peer)
    {
        if (peer.Hello.Role != NodeRole.Console)
        {
            return (null, new Refusal(
                RefusalCode.WrongRole, "This is an engine; it takes connections of consoles only."));
        }

        ConsoleRecord? console = node.Store.ListConsoles()
            .FirstOrDefault(known => known.ConsoleId == peer.Hello.NodeId);
        if (console is null)
        {
            return (null, new Refusal(RefusalCode.NotPaired, "This console is not paired with this engine."));
        }

        if (!console.Pins.Contains(peer.Fingerprint))
        {
            return (null, new Refusal(RefusalCode.IdentityConflict, "This console id is known here with another key."));
        }

        switch (console.State)
        {
            case ConsoleState.Denied:
                return (null, new Refusal(RefusalCode.Denied, "This engine's admin denied this console."));
            case ConsoleState.Pending:
                return (null, new Refusal(
                    RefusalCode.Pending,
                    "This engine's admin has still to approve this console.",
                    TimeSpan.FromSeconds(5)));
            case ConsoleState.Approved:
                // It dials a channel only after its own admin has confirmed this engine: both sides are confirmed now.
                console = node.Store.UpdateConsole(
                    console.PairingId, current => current with { State = ConsoleState.Paired }) ?? console;
                node.Audit(Events.Paired, console, peer.Remote.ToString(), "by approval", AuditClass.Pairing);
                break;
        }

        if (ConsoleFence.Judge(node, console, peer.Hello) is { } past)
        {
            return (null, past);
        }

        return console.Direction == CommunicationDirection.ConsoleToEngine || console.ChangeId is not null
            || console.Proposes(CommunicationDirection.ConsoleToEngine)
            || IsLater(console, HelloFacts.From(peer.Hello))
            ? (console, null)
            : (null, new Refusal(
                RefusalCode.WrongDirection,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"This engine is engine-to-console for {console.Name} (epoch {console.Epoch}): it polls.")));
    }

    /// <summary>
    /// The only decider has decided since: this engine came back from a backup. It is let in to say so.
    /// </summary>
    private static bool IsLater(ConsoleRecord console, HelloFacts facts) =>
        facts is { Direction: CommunicationDirection.ConsoleToEngine, Epoch: { } epoch } && epoch > console.Epoch;
}
