using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Nodes;

namespace ScanEngineAdmin.Core.Console;

/// <summary>
/// The console's half of a change of direction: prepare over the present channel, prove the new way by a round trip,
/// decide in one transaction, then tell the outcome over any way until the engine has acknowledged it. The row in the
/// store is the truth at every moment; a restart goes on from it.
/// </summary>
internal sealed class DirectionChange(ConsoleContext node, EngineLink link, EngineDialer dial)
{
    private readonly ChangeFirewall _firewall = new(node);
    private readonly ChangeRow _row = new(node, link);

    /// <summary>
    /// Never throws: what goes wrong becomes the outcome, or is tried again when the link is next woken.
    /// </summary>
    [SuppressMessage(
        "Design",
        "CA1031:Do not catch general exception types",
        Justification = "It would take its link down with it.")]
    public async Task RunAsync(Guid changeId, CancellationToken cancellationToken)
    {
        using Activity? activity = NodeMetrics.Activities.StartActivity("direction.change");
        activity?.SetTag("change", changeId);
        var channels = new ChangeChannels(node, link, dial);
        try
        {
            ChangeRecord? change = node.Store.GetChange(changeId);
            if (change is { IsDecided: false })
            {
                change = change.State == ChangeState.Requested
                    ? await new ChangeDecision(node, channels, _firewall, _row, change)
                        .MakeAsync(cancellationToken).ConfigureAwait(false)
                    : _row.Decide(
                        change, ChangeState.RolledBack, null,
                        "The console was restarted, or could not go on, during the change.");
            }

            _firewall.Settle();
            if (change is { Acknowledged: null })
            {
                await TellOutcomeAsync(change, channels, cancellationToken).ConfigureAwait(false);
                _firewall.Settle();
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The console is stopping: the row says where to go on.
        }
        catch (Exception exception)
        {
            _row.Interrupted(changeId, exception);
            await Task.Delay(node.Options.MinRetry, node.Time, cancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        finally
        {
            link.Wake();
        }
    }

    /// <summary>
    /// Tells the outcome over whatever way opens, until the engine has made it durable; then the old way closes.
    /// </summary>
    private async Task TellOutcomeAsync(
        ChangeRecord change, ChangeChannels channels, CancellationToken cancellationToken)
    {
        EngineRecord engine = node.Store.GetEngine(change.PairingId) ?? throw ChangeRow.Gone(change);
        var outcome = new DirectionOutcome
        {
            // Of a move that is taken back the direction does not tell: the engine keeps its address if the outcome is
            // another change's.
            ChangeId = change.State == ChangeState.RolledBack && change.From == change.To
                ? Guid.NewGuid()
                : change.ChangeId,
            Epoch = change.Epoch,
            Direction = change.State == ChangeState.Committed ? change.To : change.From,
        };
        bool heard = false;
        for (int failures = 0; ; failures++)
        {
            LinkChannel? channel = link.Channels.Best(outcome.Direction)
                ?? await channels.AnyAsync(engine, change, failures, cancellationToken).ConfigureAwait(false);
            try
            {
                await channel.Channel.AskAsync<Done>(Methods.DirectionOutcome, outcome, cancellationToken)
                    .ConfigureAwait(false);
                heard = true;
                break;
            }
            catch (ChannelException exception) when (exception is
            { Fault: ChannelFault.RequestFailed, PeerCode: (int)RequestCode.Stale })
            {
                // The engine has heard a later word than this one: it is in no doubt, and there is nothing to tell it.
                node.LogPeer(
                    engine.PairingId,
                    LogLevel.Warning,
                    Events.OutcomeStale,
                    exception.Message,
                    ("engine", engine.Name));
                break;
            }
            catch (ChannelException exception)
            {
                node.LogPeer(
                    engine.PairingId,
                    LogLevel.Warning,
                    Events.OutcomeNotHeard,
                    $"Engine {engine.Name} has not acknowledged the outcome yet: {exception.Message}",
                    ("engine", engine.Name));
                await channels.RestAsync(cancellationToken).ConfigureAwait(false);
            }
        }

        node.Store.UpdateChange(change.ChangeId, (current, e) => (
            current with { Acknowledged = node.Now }, heard ? EngineReport.Acknowledged(e, outcome) : e));
        CommunicationDirection inForce = node.Store.GetEngine(change.PairingId)?.Direction ?? outcome.Direction;
        await link.Channels.CloseAsync(
            entry => entry.Way != inForce, RefusalCode.WrongDirection, "The direction has changed.")
                .ConfigureAwait(false);
    }
}
