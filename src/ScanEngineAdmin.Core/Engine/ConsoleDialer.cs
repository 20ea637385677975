using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Certificates;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Nodes;

namespace ScanEngineAdmin.Core.Engine;

/// <summary>The engine's dialling of one console that it polls: where, and as whom.</summary>
internal sealed class ConsoleDialer(EngineContext node, ConsoleLink session, EnginePeerHandler handler)
{
    /// <summary>
    /// At the address that holds; while a move of the console is in doubt, at the new one or else at the previous one.
    /// Also says under which change it was dialled.
    /// </summary>
    public async Task<(PeerChannel Channel, Guid? Under)> DialEitherAsync(
        ConsoleRecord console, CancellationToken cancellationToken)
    {
        try
        {
            return (await DialAsync(console, before: false, cancellationToken).ConfigureAwait(false), console.ChangeId);
        }
        catch (ChannelException exception) when (console.MayMove)
        {
            LogMoveFailed(console, exception);
            return (await DialAsync(console, before: true, cancellationToken).ConfigureAwait(false), null);
        }
    }

    /// <summary>
    /// The console moves to another address, or one of the two has a new certificate: dials it first; the old channel
    /// stays until that succeeds.
    /// </summary>
    public async Task<PeerChannel?> TryMoveAsync(ConsoleRecord console, CancellationToken cancellationToken)
    {
        try
        {
            return await DialAsync(console, before: false, cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelException exception)
        {
            LogMoveFailed(console, exception);
            return null;
        }
    }

    private async Task<PeerChannel> DialAsync(ConsoleRecord console, bool before, CancellationToken cancellationToken)
    {
        DialTarget target = Target(console, before);
        PeerChannel channel = await CertificateDial.OpenAsync(
            node.Dialer, node.Certificate.ForDial(session.PairingId), target, node.Hello(console, before),
            handler, cancellationToken).ConfigureAwait(false);
        if (session.Attach(channel, console) is { } past)
        {
            throw new ChannelException(
                ChannelFault.PeerNotTrusted,
                ChannelStage.Identity,
                target.EndPoint,
                $"The console at {target.EndPoint} is an old copy. It was told: {past.Text} "
                    + "Here: name the new host with Set-EngineConsole -Address.");
        }

        return channel;
    }

    private static DialTarget Target(ConsoleRecord console, bool before)
    {
        bool underChange = console.ChangeTo == CommunicationDirection.EngineToConsole;
        (string? host, int port) = underChange && !before
            ? console.ChangeTarget
            : (console.Address ?? console.ObservedAddress, console.Port);
        return host is null
            ? throw new ChannelException(
                ChannelFault.NameNotResolved,
                ChannelStage.Name,
                console.Name,
                $"Console {console.Name} has no address to dial; give one with Set-EngineConsole -Address.")
            : new DialTarget(host, port, console.Pins);
    }

    private void LogMoveFailed(ConsoleRecord console, ChannelException exception) => node.LogPeer(
        session.PairingId,
        LogLevel.Warning,
        Events.MoveFailed,
        $"A new channel to console {console.Name} is not open yet: {exception.Message}",
        ("endpoint", exception.EndPoint));
}
