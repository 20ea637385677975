using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Nodes;

namespace ScanEngineAdmin.Core.Console;

/// <summary>
/// The console's half of a change of direction: prepare over the present channel, prove the new way by a round trip,
/// decide in one transaction, then tell the outcome over any way until the engine has acknowledged it. The row in the
/// store is the truth at every moment; a restart goes on from it.
/// </summary>
internal sealed class DirectionChange(ConsoleContext node, EngineLink link, EngineDialer dial)
{
    private static readonly TimeSpan ProveRetry = TimeSpan.FromMilliseconds(500);
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
        try
        {
            ChangeRecord? change = node.Store.GetChange(changeId);
            if (change is { IsDecided: false })
            {
                change = change.State == ChangeState.Requested
                    ? await DecideAsync(change, cancellationToken).ConfigureAwait(false)
                    : _row.Decide(
                        change, ChangeState.RolledBack, null,
                        "The console was restarted, or could not go on, during the change.");
            }

            _firewall.Settle();
            if (change is { Acknowledged: null })
            {
                await TellOutcomeAsync(change, cancellationToken).ConfigureAwait(false);
                _firewall.Settle();
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The console is stopping: the row says where to go on.
        }
        catch (Exception exception)
        {
            Interrupted(changeId, exception);
            await Task.Delay(node.Options.MinRetry, node.Time, cancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        finally
        {
            link.Wake();
        }
    }

    /// <summary>
    /// What interrupts the change while this console runs takes none of its time away: the stage is tried again.
    /// </summary>
    [SuppressMessage(
        "Design",
        "CA1031:Do not catch general exception types",
        Justification = "A fault of the store or of this console says nothing of the new way.")]
    private async Task<ChangeRecord> DecideAsync(ChangeRecord change, CancellationToken cancellationToken)
    {
        using var time = new CancellationTokenSource(change.Timeout, node.Time);
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, time.Token);
        string stage = "Preflight: no channel to the engine in its present direction";
        ChannelException? last = null;
        Exception? interrupted = null;
        bool begun = false;
        bool opened = false;
        bool sent = false;
        bool asked = false;
        (DirectionPrepared Answer, HelloFacts Facts)? prepared = null;
        while (true)
        {
            try
            {
                if (interrupted is not null)
                {
                    // What a full store refuses it refuses at once, and again.
                    await Task.Delay(node.Options.MinRetry, node.Time, bound.Token).ConfigureAwait(false);
                    if (node.Store.GetChange(change.ChangeId) is { IsDecided: true } decided)
                    {
                        return decided;
                    }
                }

                EngineRecord engine = node.Store.GetEngine(change.PairingId) ?? throw ChangeRow.Gone(change);
                if (prepared is null)
                {
                    await PresentChannelAsync(engine, fault => last = fault, bound.Token).ConfigureAwait(false);
                    last = null;
                }

                if (!opened)
                {
                    stage = "Firewall: the console's host was not opened";
                    CancellationTokenSource? own = begun ? null : time;
                    begun = true;
                    if (await OpenInTurnAsync(change, own, bound.Token).ConfigureAwait(false) is { } refused)
                    {
                        return _row.Decide(
                            change, ChangeState.RolledBack, null, refused.Detail, nothingSent: true, refused.Fault);
                    }

                    opened = true;
                }

                if (prepared is null)
                {
                    stage = "Prepare: the engine did not open the new way";
                    change = _row.Move(
                        change, ChangeState.Preparing, "The engine is opening the new way beside the old one.");
                    sent = true;
                    prepared = await PrepareAsync(engine, change, fault => last = fault, bound.Token)
                        .ConfigureAwait(false);
                    last = null;
                }

                stage = "Prove: no round trip over the new way";
                change = _row.Move(
                    change, ChangeState.Proving, "Proving the new way by a round trip.",
                    prepared.Value.Answer.ListenPort is >= 1 and <= 65535 ? prepared.Value.Answer.ListenPort : null,
                    ChangeFirewall.Report(change, prepared.Value.Answer, prepared.Value.Facts));
                await ProveAsync(engine, change, fault => last = fault, bound.Token).ConfigureAwait(false);
                return _row.Decide(change, ChangeState.Committed, null, "The new way is in force.");
            }
            catch (ChannelException exception)
            {
                // These two refusals are the engine's word that it is in no doubt: there is nothing to tell it. Unless
                // it was asked before, over a channel that was cut.
                sent &= asked || last is not null || exception is not
                {
                    Fault: ChannelFault.RequestFailed,
                    PeerCode: (int)RequestCode.Stale or (int)RequestCode.WayNotOpened,
                };
                string detail = ChangeFailure.Detail(node, change, stage, exception.Message, exception);
                return _row.Decide(change, ChangeState.RolledBack, exception, detail, nothingSent: !sent);
            }
            catch (OperationCanceledException) when (
                bound.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                string seen = last is not null ? $"last seen: {last.Message}" : interrupted?.Message ?? Unseen(change);
                string detail = ChangeFailure.Detail(
                    node, change, $"{stage} within {change.Timeout.TotalSeconds:0} s", seen, last);
                return _row.Decide(change, ChangeState.RolledBack, last, detail, nothingSent: !sent);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested
                && exception is not ScanEngineException { Code: FaultCode.ChangeNotFound })
            {
                Interrupted(change.ChangeId, exception);
                interrupted = exception;
                asked = sent;
            }
        }
    }

    /// <summary>The time that other changes' rules take is not this one's: its own begins with its turn.</summary>
    /// <param name="change">The change.</param>
    /// <param name="time">Its time; null where it has begun already, as an interruption makes it no longer.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    private async Task<(FaultCode Fault, string Detail)?> OpenInTurnAsync(
        ChangeRecord change, CancellationTokenSource? time, CancellationToken cancellationToken)
    {
        if (!change.ApplyFirewall)
        {
            return null;
        }

        time?.CancelAfter(ChangeFirewall.LongestTurn);
        await node.FirewallTurn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            time?.CancelAfter(change.Timeout);
            return await _firewall.OpenAsync(change, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            node.FirewallTurn.Release();
        }
    }

    private void Interrupted(Guid changeId, Exception exception) => node.Log(
        LogLevel.Warning,
        Events.ChangeInterrupted,
        $"The change of direction {changeId} goes on later: {exception.Message}",
        ("change", changeId.ToString("D")));

    private string Unseen(ChangeRecord change) => change.To == CommunicationDirection.EngineToConsole
        ? "the engine did not reach this console at "
            + (change.ConsoleAddress ?? node.Options.AdvertisedAddress ?? "the address it was last seen at")
            + $":{change.ConsolePort ?? node.ListenPort}: allow it inbound here and outbound at the engine"
        : "the engine did not answer";

    private DirectionPrepare PrepareMessage(ChangeRecord change, EngineRecord engine, HelloFacts facts) => new()
    {
        ChangeId = change.ChangeId,
        Epoch = change.Epoch,
        To = change.To,
        ConsoleAddress = change.To == CommunicationDirection.EngineToConsole
            ? change.ConsoleAddress ?? node.Options.AdvertisedAddress
            : null,
        ConsolePort = change.To == CommunicationDirection.EngineToConsole
            ? change.ConsolePort ?? node.ListenPort
            : null,

        // What the console has dialled before may be a forwarded port, and the engine remembers one that was named for
        // it; only one that is new here is the engine's to open.
        ListenPort = change.To == CommunicationDirection.ConsoleToEngine
            && (engine.Address is null || change.Port != engine.Port) ? change.Port : null,
        Firewall = ChangeFirewall.Ask(change, facts),
    };

    private async Task<LinkChannel> PresentChannelAsync(
        EngineRecord engine, Action<ChannelException> failed, CancellationToken cancellationToken)
    {
        while (engine.Direction == CommunicationDirection.ConsoleToEngine && !link.Channels.Any)
        {
            if (await TryDialAsync(engine, null, failed, cancellationToken).ConfigureAwait(false))
            {
                break;
            }
        }

        return await link.Channels.WaitAsync(_ => true, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Asked again over the next channel when one is cut under it (a peer that dials again takes over from its own
    /// older channel): to be asked twice under one change is one doubt at the engine.
    /// </summary>
    private async Task<(DirectionPrepared Prepared, HelloFacts Facts)> PrepareAsync(
        EngineRecord engine, ChangeRecord change, Action<ChannelException> failed, CancellationToken cancellationToken)
    {
        while (true)
        {
            LinkChannel present = await PresentChannelAsync(engine, failed, cancellationToken).ConfigureAwait(false);
            try
            {
                return (await present.Channel.AskAsync<DirectionPrepared>(
                    Methods.DirectionPrepare, PrepareMessage(change, engine, present.Facts), cancellationToken)
                        .ConfigureAwait(false), present.Facts);
            }
            catch (ChannelException exception) when (
                exception is { Fault: ChannelFault.ConnectionLost or ChannelFault.Closed or ChannelFault.PeerSilent }
                && exception.Refusal?.Code is not (RefusalCode.Revoked or RefusalCode.Denied))
            {
                failed(exception);
                link.Channels.Remove(present);
                await Task.Delay(ProveRetry, node.Time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>A round trip over a channel that was opened the new way under this change.</summary>
    private async Task ProveAsync(
        EngineRecord engine, ChangeRecord change, Action<ChannelException> failed, CancellationToken cancellationToken)
    {
        while (change.To == CommunicationDirection.ConsoleToEngine
            && !await TryDialAsync(engine, change, failed, cancellationToken).ConfigureAwait(false))
        {
        }

        while (true)
        {
            LinkChannel proved = await link.Channels.WaitAsync(
                entry => entry.Way == change.To && entry.Facts.ChangeId == change.ChangeId, cancellationToken)
                    .ConfigureAwait(false);
            try
            {
                await proved.Channel.PingAsync(cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (ChannelException exception)
            {
                failed(exception);
                link.Channels.Remove(proved);
            }
        }
    }

    private async Task<bool> TryDialAsync(
        EngineRecord engine, ChangeRecord? change, Action<ChannelException> failed, CancellationToken cancellationToken)
    {
        try
        {
            await dial.DialAsync(engine, change, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (ChannelException exception)
        {
            failed(exception);
            await Task.Delay(ProveRetry, node.Time, cancellationToken).ConfigureAwait(false);
            return false;
        }
    }

    /// <summary>
    /// Tells the outcome over whatever way opens, until the engine has made it durable; then the old way closes.
    /// </summary>
    private async Task TellOutcomeAsync(ChangeRecord change, CancellationToken cancellationToken)
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
                ?? await OpenAnyAsync(engine, change, failures, cancellationToken).ConfigureAwait(false);
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
                await Task.Delay(ProveRetry, node.Time, cancellationToken).ConfigureAwait(false);
            }
        }

        node.Store.UpdateChange(change.ChangeId, (current, e) => (
            current with { Acknowledged = node.Now }, heard ? EngineReport.Acknowledged(e, outcome) : e));
        CommunicationDirection inForce = node.Store.GetEngine(change.PairingId)?.Direction ?? outcome.Direction;
        await link.Channels.CloseAsync(
            entry => entry.Way != inForce, RefusalCode.WrongDirection, "The direction has changed.")
                .ConfigureAwait(false);
    }

    /// <summary>Tries both ways: dials where the engine may listen, and waits for it to poll.</summary>
    private async Task<LinkChannel> OpenAnyAsync(
        EngineRecord engine, ChangeRecord change, int failures, CancellationToken cancellationToken)
    {
        while (true)
        {
            if ((change.Address ?? engine.Address ?? engine.ObservedAddress) is not null)
            {
                await TryDialAsync(engine, change, _ => { }, cancellationToken).ConfigureAwait(false);
            }

            TimeSpan wait = Backoff.After(++failures, node.Options.MinRetry, node.Options.MaxRetry, Random.Shared);
            using var time = new CancellationTokenSource(wait, node.Time);
            using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, time.Token);
            try
            {
                return await link.Channels.WaitAsync(_ => true, bound.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // Neither way is open yet: once more, for as long as it takes.
            }
        }
    }
}
