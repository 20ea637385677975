using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Nodes;

namespace ScanEngineAdmin.Core.Engine;

/// <summary>
/// Polls one console: dials, asks for work at every interval, and keeps the connection parked between polls, so that it
/// becomes the channel at once when there is work. Every class of failure waits, longer each time; none ends the poller
/// but the pinned console's own word that the pairing is over.
/// </summary>
internal sealed class ConsolePoller : IAsyncDisposable
{
    private static readonly TimeSpan BusyOncePoll = TimeSpan.FromSeconds(1);

    private readonly EngineContext _node;
    private readonly ConsoleLink _session;
    private readonly ConsoleDialer _dialer;
    private readonly AsyncSignal _wake;
    private readonly CancellationTokenSource _stop;
    private int _failures;
    private volatile bool _redial;

    public ConsolePoller(
        EngineContext node, ConsoleLink session, EnginePeerHandler handler, CancellationToken cancellationToken)
    {
        _node = node;
        _wake = new AsyncSignal(node.Options.MinRetry / 2);
        _session = session;
        _dialer = new ConsoleDialer(node, session, handler);
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Completion = Task.Run(RunAsync, CancellationToken.None);
    }

    /// <summary>Ends with the poller; faulted only in a single round that failed.</summary>
    public Task Completion { get; }

    /// <summary>Tries again now: an address may have changed.</summary>
    public void Wake() => _wake.Set();

    /// <summary>Polls over a new channel, and lets the old one go when that is open.</summary>
    public void Redial()
    {
        _redial = true;
        _wake.Set();
    }

    /// <summary>Stops polling. The channel it opened is the session's, and closes with the way.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        CancellationToken stopping = _stop.Token;
        try
        {
            while (await RoundAsync(stopping).ConfigureAwait(false) is { } wait)
            {
                await _wake.WaitAsync(wait, _node.Time, stopping).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Stopped, or the way was closed.
        }
    }

    /// <summary>From dialling to the end of the channel. Says how long to wait, or null when polling is over.</summary>
    private async Task<TimeSpan?> RoundAsync(CancellationToken cancellationToken)
    {
        string name = string.Empty;
        ScanEngineException error;
        try
        {
            if (_node.Store.GetConsole(_session.PairingId) is not { } console || !console.WantsPoller())
            {
                return null;
            }

            name = console.Name;
            if (console.State != ConsoleState.Paired)
            {
                TimeSpan wait = await EnginePairing.AskAsync(_node, console, cancellationToken).ConfigureAwait(false);
                return !_node.Options.Once || wait == TimeSpan.Zero ? wait : throw StillPending(console);
            }

            _redial = false;
            (PeerChannel channel, Guid? under) = await _dialer.DialEitherAsync(console, cancellationToken)
                .ConfigureAwait(false);
            PeerChannel? ended = await PollAsync(channel, under, cancellationToken).ConfigureAwait(false);
            if (ended is null)
            {
                return null;
            }

            if (_node.Store.GetConsole(_session.PairingId) is { } now && !now.WantsPoller())
            {
                // The direction has changed, and the console was quicker to close the old way.
                return null;
            }

            error = ChannelFaults.ToError(ended.Fault!, name);
        }
        catch (ChannelException exception)
        {
            error = ChannelFaults.ToError(exception, name);
        }
        catch (ScanEngineException exception)
        {
            error = exception;
        }

        return _node.Options.Once ? throw error : Failed(error);
    }

    private static ScanEngineException StillPending(ConsoleRecord console) => new(
        FaultCode.ApprovalPending,
        $"Console {console.Name} at {console.Address} and this engine have not approved each other yet.",
        "Approve it on both sides (Approve-EngineConsole, Approve-ScanEngine), or pair by secret; then poll again.",
        console.Name);

    /// <summary>Polls until the channel ends, and returns it; null if there is nothing more to poll for.</summary>
    private async Task<PeerChannel?> PollAsync(
        PeerChannel channel, Guid? dialledUnder, CancellationToken cancellationToken)
    {
        try
        {
            while (!channel.Completion.IsCompleted)
            {
                ConsoleRecord? console = _node.Store.GetConsole(_session.PairingId);
                if (console is null)
                {
                    await channel.CloseAsync(RefusalCode.Revoked, "The engine has ended the pairing.")
                        .ConfigureAwait(false);
                    return null;
                }

                bool moves = console is
                {
                    ChangeId: not null,
                    ChangeTo: CommunicationDirection.EngineToConsole,
                } && console.ChangeId != dialledUnder;
                if (moves && await _dialer.TryMoveAsync(console, cancellationToken).ConfigureAwait(false) is { } moved)
                {
                    (channel, dialledUnder, moves) = (moved, console.ChangeId, false);
                }

                if (_redial)
                {
                    _redial = false;
                    channel = await _dialer.TryMoveAsync(console, cancellationToken).ConfigureAwait(false) ?? channel;
                }

                (TimeSpan longest, TimeSpan interval) = Interval(
                    console.PollInterval, channel.Options.HeartbeatInterval);
                int running = _node.Scans.Runs.Count(_session.PairingId);
                PollReply reply = await channel.AskAsync<PollReply>(
                    Methods.Poll,
                    new PollRequest
                    {
                        IntervalSeconds = Math.Max(1, (int)Math.Ceiling(longest.TotalSeconds)),
                        RunningScans = running,
                        Proposal = console.ProposedDirection,
                    },
                    cancellationToken).ConfigureAwait(false);
                _failures = 0;
                bool done = _node.Options.Once && !reply.Work && running == 0
                    && _node.Store.ListScans(_session.PairingId).Count == 0;
                _node.Store.UpdateConsole(_session.PairingId, current => current with
                {
                    LastPoll = _node.Now,
                    NextPoll = done ? null : _node.Now + interval,
                    LastSeen = _node.Now,
                    ConsecutiveFailures = 0,
                    LastError = null,
                    ProposedDirection = reply.ProposalTaken && current.ProposedDirection == console.ProposedDirection
                        ? null : current.ProposedDirection,
                });
                if (done)
                {
                    await channel.CloseAsync(RefusalCode.Unspecified, "Nothing to do.").ConfigureAwait(false);
                    return null;
                }

                TimeSpan rest = _node.Options.Once ? BusyOncePoll : moves ? _node.Options.MinRetry : interval;
                await _wake.WaitAsync(rest, channel.Completion, _node.Time, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (ChannelException)
        {
            // A poll that failed on a channel that lives: the next round opens a new one, so this one must not stay.
            await channel.CloseAsync(RefusalCode.Unspecified, "A poll failed.").ConfigureAwait(false);
            throw;
        }

        return channel;
    }

    /// <summary>
    /// The console is told the longest, and the next poll comes up to a tenth early, of a heartbeat's interval at most. A
    /// poll that comes when a heartbeat is due serves as both, so an open connection is polled at the largest multiple of the
    /// heartbeat's interval that the admin's interval has room for.
    /// </summary>
    private static (TimeSpan Longest, TimeSpan Next) Interval(TimeSpan asked, TimeSpan heartbeat)
    {
        TimeSpan longest = asked < heartbeat ? asked : heartbeat * Math.Floor(asked / heartbeat);
        TimeSpan early = (longest < heartbeat ? longest : heartbeat) * (Random.Shared.NextDouble() / 10);
        return (longest, longest - early);
    }

    private TimeSpan? Failed(ScanEngineException error)
    {
        var fault = error.InnerException as ChannelException;
        bool over = error.Code == FaultCode.PairingRevoked;
        _failures++;
        TimeSpan wait = IsRefusal(error.Code, fault)
            ? Backoff.Jitter(_node.Options.RefusedRetry, Random.Shared)
            : Backoff.After(_failures, _node.Options.MinRetry, _node.Options.MaxRetry, Random.Shared);
        if (fault?.Refusal?.RetryAfter is { } hint && hint > wait)
        {
            wait = hint;
        }

        DateTimeOffset next = _node.Now + wait;
        _node.Log(
            LogLevel.Warning,
            over ? Events.PairingEnded : Events.PollFailed,
            over
                ? $"Console {error.Target} has ended the pairing: polling stops."
                : $"Polling failed{(fault is null ? string.Empty : $" at {fault.EndPoint}, stage {fault.Stage}")}: "
                    + $"{error.Message} Next try at {next:u}.",
            ("pairing", _session.PairingId.ToString("D")),
            ("fault", error.Code.ToString()));
        try
        {
            _node.Store.UpdateConsole(_session.PairingId, current => current with
            {
                State = over ? ConsoleState.Denied : current.State,
                ConsecutiveFailures = _failures,
                LastError = $"{error.Code}: {error.Message}",
                NextPoll = over ? null : next,
            });
        }
        catch (ScanEngineException exception)
        {
            // What is shown is old; polling goes on all the same.
            _node.Log(LogLevel.Warning, Events.StoreFault, exception.Message);
        }

        return over ? null : wait;
    }

    /// <summary>
    /// Refusals of trust. "Superseded" is one: another node with this identity is connected, and two that took over
    /// from each other in turn would keep the console busy and neither of them connected.
    /// </summary>
    private static bool IsRefusal(FaultCode code, ChannelException? fault) =>
        code is FaultCode.NotPaired or FaultCode.PairingDenied or FaultCode.IdentityConflict
            or FaultCode.PeerNotTrusted or FaultCode.TlsIntercepted or FaultCode.WrongRole
        || fault?.Refusal?.Code == RefusalCode.Superseded;
}
