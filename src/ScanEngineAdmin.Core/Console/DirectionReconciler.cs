using System.Globalization;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Nodes;

namespace ScanEngineAdmin.Core.Console;

/// <summary>
/// Ends what only a restored backup can begin: no change is open here, and the engine is in doubt about one, or certain
/// of another direction. An engine at a later epoch is believed when it arrives
/// (<see cref="EngineReport.Take"/>); the rest is here.
/// </summary>
internal sealed class DirectionReconciler(ConsoleContext node, Guid pairingId)
{
    /// <summary>Settles it over a channel; true if anything is different afterwards.</summary>
    public async Task<bool> EndAsync(LinkChannel channel, CancellationToken cancellationToken)
    {
        // Read again: opening the channel may have taught this store a later epoch.
        if (node.Store.GetEngine(pairingId) is not { } engine)
        {
            return false;
        }

        if ((channel.Facts.ChangeId ?? channel.Facts.Doubt) is { } changeId)
        {
            // What is in force here is the outcome of a change that is closed here, or that was never heard of. Of a
            // move that was taken back the direction does not tell: see DirectionChange.
            ChangeRecord? change = node.Store.GetChange(changeId);
            bool takenBack = change is null
                ? channel.Facts.Doubt is not null
                : change.State == ChangeState.RolledBack && change.From == change.To;
            if (change is null && takenBack && channel.Facts.Epoch >= engine.Epoch)
            {
                // The engine takes another change's outcome only under a later epoch.
                engine = node.Store.UpdateEngine(pairingId, current =>
                    current.Epoch == engine.Epoch ? current with { Epoch = current.Epoch + 1 } : current) ?? engine;
            }

            Guid named = takenBack ? Guid.NewGuid() : changeId;
            if (await TellAsync(channel, named, engine.Direction, engine.Epoch, cancellationToken)
                .ConfigureAwait(false))
            {
                string reported = $"{engine.Direction}, epoch {engine.Epoch}";
                node.Audit(Events.DoubtEnded, engine, engine.ObservedAddress ?? string.Empty, reported);
            }

            return false;
        }

        if (channel.Facts is not { Direction: { } direction, Epoch: { } epoch }
            || direction == engine.Direction || epoch > engine.Epoch)
        {
            return false;
        }

        var none = Guid.NewGuid();
        if (!await TellAsync(channel, none, direction, epoch, cancellationToken).ConfigureAwait(false))
        {
            // Its hello was older than what it has heard since.
            return await CloseAsync(channel, engine.Direction).ConfigureAwait(false);
        }

        if (epoch < engine.Epoch && channel.Way == engine.Direction)
        {
            // The engine came back from a backup, and the way in force is passable: this channel is on it.
            bool heard = await TellAsync(channel, none, engine.Direction, engine.Epoch, cancellationToken)
                .ConfigureAwait(false);
            Audit(Events.DirectionToldAgain, engine, $"{engine.Direction}, epoch {engine.Epoch}; it was at {epoch}");
            return heard;
        }

        if (epoch < engine.Epoch && node.Store.GetPendingChange(pairingId) is null)
        {
            // It is left where it can be reached, and brought back by an ordinary change: proved, or rolled back.
            node.Store.SetPendingChange(BackTo(engine));
        }

        node.Store.UpdateEngine(pairingId, current =>
            current.Epoch == engine.Epoch && current.Direction == engine.Direction
                ? current with { Direction = direction }
                : current);
        Audit(
            Events.DirectionAdopted,
            engine,
            $"{direction} of the engine's epoch {epoch}; here it was {engine.Direction}, epoch {engine.Epoch}");
        if (channel.Facts.Proposal is { } proposal && node.Store.GetEngine(pairingId) is { } adopted)
        {
            // When the channel was opened it said what was in force here.
            new PendingChangeScheduler(node, pairingId).TakeProposal(adopted, proposal);
        }

        return true;
    }

    /// <summary>
    /// Says a direction and its epoch to the engine; false if it knows better. Its own words change nothing there: that
    /// is how it is asked whether they still hold.
    /// </summary>
    private async Task<bool> TellAsync(
        LinkChannel channel,
        Guid changeId,
        CommunicationDirection direction,
        long epoch,
        CancellationToken cancellationToken)
    {
        var outcome = new DirectionOutcome { ChangeId = changeId, Epoch = epoch, Direction = direction };
        try
        {
            await channel.Channel.AskAsync<Done>(Methods.DirectionOutcome, outcome, cancellationToken)
                .ConfigureAwait(false);
            EngineReport.Acknowledged(node, pairingId, outcome);
            return true;
        }
        catch (ChannelException exception) when (exception is
        { Fault: ChannelFault.RequestFailed, PeerCode: (int)RequestCode.Stale })
        {
            return false;
        }
    }

    private static async Task<bool> CloseAsync(LinkChannel channel, CommunicationDirection inForce)
    {
        if (channel.Way == inForce)
        {
            return false;
        }

        await channel.Channel.CloseAsync(RefusalCode.WrongDirection, "The direction has changed.")
            .ConfigureAwait(false);
        return true;
    }

    private PendingDirectionChange BackTo(EngineRecord engine)
    {
        bool reverse = engine.Direction == CommunicationDirection.EngineToConsole;
        ChangeRecord? last = node.Store.ListChanges(pairingId)
            .FirstOrDefault(change => change.State == ChangeState.Committed && change.To == engine.Direction);
        return new PendingDirectionChange
        {
            PairingId = pairingId,
            Direction = engine.Direction,
            Address = reverse ? null : engine.Address,
            Port = reverse || engine.Address is null ? null : engine.Port,
            ConsoleAddress = reverse ? last?.ConsoleAddress : null,
            ConsolePort = reverse ? last?.ConsolePort : null,
            Requested = node.Now,
            RequestedBy = "this console: the engine came back from a backup",
        };
    }

    private void Audit(string name, EngineRecord engine, string detail)
    {
        node.Audit(name, engine, engine.ObservedAddress ?? string.Empty, detail);
        node.Log(
            Nodes.LogLevel.Warning,
            name,
            $"Engine {engine.Name} and this console did not agree on the direction: {detail}.",
            ("pairing", engine.PairingId.ToString("D")),
            ("engine", engine.Name),
            ("epoch", engine.Epoch.ToString(CultureInfo.InvariantCulture)));
    }
}
