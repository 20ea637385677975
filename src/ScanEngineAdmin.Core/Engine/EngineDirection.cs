using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Nodes;

namespace ScanEngineAdmin.Core.Engine;

/// <summary>
/// The engine's half of a change of direction. It never decides: asked to prepare, it writes down its doubt, opens the
/// new way and keeps the old; only the console's word on the outcome ends the doubt, however long that takes.
/// </summary>
internal sealed class EngineDirection(EngineContext node, ConsoleLinks ways)
{
    private readonly EngineFirewall _firewall = new(node);

    /// <exception cref="PeerRequestException">Stale, WayNotOpened: then nothing was changed here.</exception>
    public async Task<DirectionPrepared> PrepareAsync(
        Guid pairingId, DirectionPrepare prepare, CancellationToken cancellationToken)
    {
        if (Flaw(prepare) is { } flaw)
        {
            throw new PeerRequestException((int)RequestCode.Malformed, flaw);
        }

        ConsoleRecord before = node.Store.GetConsole(pairingId)
            ?? throw new PeerRequestException((int)RequestCode.Stale, "The pairing has ended here.");
        if (prepare.Epoch <= before.Epoch)
        {
            throw new PeerRequestException(
                (int)RequestCode.Stale, $"Epoch {prepare.Epoch} is not later than this engine's {before.Epoch}.");
        }

        // Durable before anything opens: a killed engine comes back with both ways open.
        ConsoleRecord Doubt() => node.Store.UpdateConsole(pairingId, current => current with
        {
            ChangeId = prepare.ChangeId,
            ChangeTo = prepare.To,
            ChangeEpoch = prepare.Epoch,
            ChangeAddress = prepare.ConsoleAddress,
            ChangePort = prepare.ConsolePort,
        }) ?? throw new PeerRequestException((int)RequestCode.Stale, "The pairing has ended here.");
        ConsoleRecord doubt;
        try
        {
            doubt = await ways.OpenAsync(Doubt, prepare.ListenPort).ConfigureAwait(false);
        }
        catch (ScanEngineException exception)
        {
            node.Store.UpdateConsole(
                pairingId, current => current.ChangeId == prepare.ChangeId ? current.WithoutDoubt() : current);
            ways.Wake();
            node.LogPeer(pairingId, LogLevel.Warning, Events.ListenFailed, exception.Message);
            throw HandlerFault.Of(exception, RequestCode.WayNotOpened);
        }

        node.Audit(
            Events.DirectionPrepared, doubt, doubt.Name, $"{before.Direction} -> {prepare.To}, epoch {prepare.Epoch}");
        return new DirectionPrepared
        {
            ListenPort = prepare.To == CommunicationDirection.ConsoleToEngine ? ways.EndPoint?.Port : null,
            Firewall = prepare.Firewall is { } asked
                ? await _firewall.OpenAsync(pairingId, prepare.ChangeId, asked, cancellationToken).ConfigureAwait(false)
                : null,
        };
    }

    /// <summary>
    /// Returns when the outcome is durable; the way that is no longer needed closes after the answer has gone.
    /// </summary>
    public void Conclude(Guid pairingId, DirectionOutcome outcome)
    {
        if (outcome.ChangeId == Guid.Empty || outcome.Epoch is < 0 or > HelloFacts.MaxEpoch)
        {
            throw new PeerRequestException((int)RequestCode.Malformed, "The outcome has no usable number.");
        }

        (bool stale, bool news) = (false, true);
        ConsoleRecord? now = node.Store.UpdateConsole(pairingId, current =>
        {
            if (current.ChangeId != outcome.ChangeId && outcome.Epoch <= current.Epoch)
            {
                stale = outcome.Epoch != current.Epoch || outcome.Direction != current.Direction;
                news = false;
                return current;
            }

            ConsoleRecord certain = current.WithoutDoubt() with
            {
                Direction = outcome.Direction,
                Epoch = Math.Max(current.Epoch, outcome.Epoch),
                LastError = null,
                ConsecutiveFailures = 0,
                NextPoll = outcome.Direction == CommunicationDirection.EngineToConsole ? current.NextPoll : null,
            };

            // A move of a reverse engine has one direction before and after it. The outcome of one that was taken back
            // comes under another number, and then the previous address stays.
            bool moved = current.ChangeTo == outcome.Direction
                && (current.Direction != outcome.Direction || current.ChangeId == outcome.ChangeId);
            return moved && outcome.Direction == CommunicationDirection.EngineToConsole
                ? certain with
                {
                    Address = current.ChangeTarget.Address,
                    Port = current.ChangeTarget.Port,
                }
                : certain;
        });
        if (stale)
        {
            throw new PeerRequestException(
                (int)RequestCode.Stale,
                $"This engine is at epoch {now!.Epoch}, {now.Direction}, and not in doubt about that change.");
        }

        if (now is not null)
        {
            ListenPort.Settle(
                node.Store, node.Options.Listen.Port, stays: now.Direction == CommunicationDirection.ConsoleToEngine);
        }

        if (now is not null && news)
        {
            node.Audit(Events.DirectionConcluded, now, now.Name, $"{now.Direction}, epoch {now.Epoch}");
            node.Log(
                LogLevel.Information,
                Events.DirectionConcluded,
                $"Console {now.Name}: {now.Direction} is in force (epoch {now.Epoch}).",
                ("pairing", pairingId.ToString("D")),
                ("direction", now.Direction.ToString()));
        }

        _firewall.Settle();
        ways.Wake();
    }

    // What is written here is dialled and listened on, across restarts: a console must not be able to break that.
    private static string? Flaw(DirectionPrepare prepare) =>
        prepare.ChangeId == Guid.Empty || prepare.Epoch > HelloFacts.MaxEpoch ? "The change has no usable number."
        : prepare.ConsoleAddress is { } address && !DialAddress.IsValid(address) ? "The console's address is none."
        : prepare.ConsolePort is < 1 or > 65535 || prepare.ListenPort is < 1 or > 65535 ? "A port is none."
        : null;
}
