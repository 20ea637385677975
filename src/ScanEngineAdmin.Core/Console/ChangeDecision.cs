using System.Diagnostics.CodeAnalysis;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;

namespace ScanEngineAdmin.Core.Console;

/// <summary>
/// One change of direction from its request to its decision, within its time: the console's firewall, the engine's
/// preparation, the proof. What interrupts a stage while this console runs takes none of that time away: the stage is
/// tried again, and stages that are done are not.
/// </summary>
internal sealed class ChangeDecision(
    ConsoleContext node, ChangeChannels channels, ChangeFirewall firewall, ChangeRow row, ChangeRecord requested)
{
    private ChangeRecord _change = requested;
    private string _stage = "Preflight: no channel to the engine in its present direction";
    private Exception? _interrupted;
    private bool _timeOfTurn;
    private bool _opened;
    private bool _sent;
    private bool _sentBefore;
    private (DirectionPrepared Answer, HelloFacts Facts)? _prepared;

    [SuppressMessage(
        "Design",
        "CA1031:Do not catch general exception types",
        Justification = "A fault of the store or of this console says nothing of the new way.")]
    public async Task<ChangeRecord> MakeAsync(CancellationToken cancellationToken)
    {
        using var time = new CancellationTokenSource(_change.Timeout, node.Time);
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, time.Token);
        while (true)
        {
            try
            {
                return await StagesAsync(time, bound.Token).ConfigureAwait(false);
            }
            catch (ChannelException exception)
            {
                return Refused(exception);
            }
            catch (OperationCanceledException) when (
                bound.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                return OutOfTime();
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested
                && exception is not ScanEngineException { Code: FaultCode.ChangeNotFound })
            {
                row.Interrupted(_change.ChangeId, exception);
                _interrupted = exception;
                _sentBefore = _sent;
            }
        }
    }

    private async Task<ChangeRecord> StagesAsync(CancellationTokenSource time, CancellationToken cancellationToken)
    {
        if (_interrupted is not null)
        {
            // What a full store refuses it refuses at once, and again.
            await Task.Delay(node.Options.MinRetry, node.Time, cancellationToken).ConfigureAwait(false);
            if (node.Store.GetChange(_change.ChangeId) is { IsDecided: true } decided)
            {
                return decided;
            }
        }

        EngineRecord engine = node.Store.GetEngine(_change.PairingId) ?? throw ChangeRow.Gone(_change);
        if (_prepared is null)
        {
            await channels.PresentAsync(engine, cancellationToken).ConfigureAwait(false);
            channels.LastFault = null;
        }

        if (!_opened)
        {
            _stage = "Firewall: the console's host was not opened";
            if (await OpenInTurnAsync(time, cancellationToken).ConfigureAwait(false) is { } refused)
            {
                return row.Decide(
                    _change, ChangeState.RolledBack, null, refused.Detail, nothingSent: true, refused.Fault);
            }

            _opened = true;
        }

        if (_prepared is null)
        {
            _stage = "Prepare: the engine did not open the new way";
            _change = row.Move(
                _change, ChangeState.Preparing, "The engine is opening the new way beside the old one.");
            _sent = true;
            _prepared = await PrepareAsync(engine, cancellationToken).ConfigureAwait(false);
            channels.LastFault = null;
        }

        (DirectionPrepared answer, HelloFacts facts) = _prepared.Value;
        _stage = "Prove: no round trip over the new way";
        _change = row.Move(
            _change, ChangeState.Proving, "Proving the new way by a round trip.",
            answer.ListenPort is >= 1 and <= 65535 ? answer.ListenPort : null,
            ChangeFirewall.Report(_change, answer, facts));
        await channels.ProveAsync(engine, _change, cancellationToken).ConfigureAwait(false);
        return row.Decide(_change, ChangeState.Committed, null, "The new way is in force.");
    }

    /// <summary>
    /// The time that other changes' rules take is not this one's: its own begins with its turn, and an interruption
    /// makes neither longer.
    /// </summary>
    private async Task<(FaultCode Fault, string Detail)?> OpenInTurnAsync(
        CancellationTokenSource time, CancellationToken cancellationToken)
    {
        if (!_change.ApplyFirewall)
        {
            return null;
        }

        bool first = !_timeOfTurn;
        _timeOfTurn = true;
        if (first)
        {
            time.CancelAfter(ChangeFirewall.LongestTurn);
        }

        await node.FirewallTurn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (first)
            {
                time.CancelAfter(_change.Timeout);
            }

            return await firewall.OpenAsync(_change, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            node.FirewallTurn.Release();
        }
    }

    /// <summary>
    /// Asked again over the next channel when one is cut under it (a peer that dials again takes over from its own
    /// older channel): to be asked twice under one change is one doubt at the engine.
    /// </summary>
    private async Task<(DirectionPrepared Prepared, HelloFacts Facts)> PrepareAsync(
        EngineRecord engine, CancellationToken cancellationToken)
    {
        while (true)
        {
            LinkChannel present = await channels.PresentAsync(engine, cancellationToken).ConfigureAwait(false);
            try
            {
                return (await present.Channel.AskAsync<DirectionPrepared>(
                    Methods.DirectionPrepare, Message(engine, present.Facts), cancellationToken)
                        .ConfigureAwait(false), present.Facts);
            }
            catch (ChannelException exception) when (
                exception is { Fault: ChannelFault.ConnectionLost or ChannelFault.Closed or ChannelFault.PeerSilent }
                && exception.Refusal?.Code is not (RefusalCode.Revoked or RefusalCode.Denied))
            {
                await channels.CutAsync(present, exception, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private DirectionPrepare Message(EngineRecord engine, HelloFacts facts) => new()
    {
        ChangeId = _change.ChangeId,
        Epoch = _change.Epoch,
        To = _change.To,
        ConsoleAddress = _change.To == CommunicationDirection.EngineToConsole
            ? _change.ConsoleAddress ?? node.Options.AdvertisedAddress
            : null,
        ConsolePort = _change.To == CommunicationDirection.EngineToConsole
            ? _change.ConsolePort ?? node.ListenPort
            : null,

        // What the console has dialled before may be a forwarded port, and the engine remembers one that was named for
        // it; only one that is new here is the engine's to open.
        ListenPort = _change.To == CommunicationDirection.ConsoleToEngine
            && (engine.Address is null || _change.Port != engine.Port) ? _change.Port : null,
        Firewall = ChangeFirewall.Ask(_change, facts),
    };

    private ChangeRecord Refused(ChannelException exception)
    {
        // These two refusals are the engine's word that it is in no doubt: there is nothing to tell it. Unless it was
        // asked before, over a channel that was cut.
        bool sent = _sent && (_sentBefore || channels.LastFault is not null || exception is not
        {
            Fault: ChannelFault.RequestFailed,
            PeerCode: (int)RequestCode.Stale or (int)RequestCode.WayNotOpened,
        });
        string detail = ChangeFailure.Detail(node, _change, _stage, exception.Message, exception);
        return row.Decide(_change, ChangeState.RolledBack, exception, detail, nothingSent: !sent);
    }

    private ChangeRecord OutOfTime()
    {
        ChannelException? last = channels.LastFault;
        string seen = last is not null ? $"last seen: {last.Message}" : _interrupted?.Message ?? Unseen();
        string detail = ChangeFailure.Detail(
            node, _change, $"{_stage} within {_change.Timeout.TotalSeconds:0} s", seen, last);
        return row.Decide(_change, ChangeState.RolledBack, last, detail, nothingSent: !_sent);
    }

    private string Unseen() => _change.To == CommunicationDirection.EngineToConsole
        ? "the engine did not reach this console at "
            + (_change.ConsoleAddress ?? node.Options.AdvertisedAddress ?? "the address it was last seen at")
            + $":{_change.ConsolePort ?? node.ListenPort}: allow it inbound here and outbound at the engine"
        : "the engine did not answer";
}
