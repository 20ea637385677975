using System.Diagnostics.CodeAnalysis;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Scanning;

namespace ScanEngineAdmin.Core.Console;

/// <summary>
/// The console's half of one pairing: one loop that dials when this side has to, reconciles and dispatches scans over
/// whatever channel there is, and lets a change of direction run. It sleeps until it is woken or something is due.
/// </summary>
internal sealed class EngineLink : IAsyncDisposable
{
    private static readonly TimeSpan Never = TimeSpan.FromDays(1);
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(1);

    private readonly ConsoleContext _node;
    private readonly AsyncSignal _wake;
    private readonly CancellationTokenSource _stop;
    private readonly EngineDialer _dial;
    private readonly DirectionChange _change;
    private readonly PendingChangeScheduler _pending;
    private readonly DirectionReconciler _split;
    private readonly OverdueEngineDialer _overdue;
    private readonly Task _run;
    private Task _changing = Task.CompletedTask;
    private DateTimeOffset _nextProbe;
    private long _idleSince;
    private volatile bool _probeNow;
    private volatile bool _redial;

    public EngineLink(ConsoleContext node, Guid pairingId, TimeSpan firstProbe, CancellationToken cancellationToken)
    {
        _node = node;
        _wake = new AsyncSignal(node.Options.MinRetry / 2);
        PairingId = pairingId;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _pending = new PendingChangeScheduler(node, pairingId);
        _dial = new EngineDialer(node, this);
        _change = new DirectionChange(node, this, _dial);
        _split = new DirectionReconciler(node, pairingId);
        _overdue = new OverdueEngineDialer(
            node.Time, node.Options, () => Channels.Any, () => node.Store.GetPendingChange(pairingId),
            (engine, token) => _dial.DialAsync(engine, null, token),
            (engine, fault) => node.Log(
                LogLevel.Debug, Events.LookFailed, fault.Message, ("pairing", engine.PairingId.ToString("D"))));
        Entrance = new LinkEntrance(node, this, _dial, _stop.Token);
        Contact = new LinkContact(node, pairingId, Channels);
        Scans = new LinkScans(node, pairingId);
        EmptyBatches = new RateBucket(ScanDataReceiver.EmptyBatchesPerSecond, node.Time);
        _nextProbe = node.Steady + firstProbe;
        _run = Task.Run(RunAsync, CancellationToken.None);
    }

    public Guid PairingId { get; }

    public LinkChannels Channels { get; } = new();

    public LinkContact Contact { get; }

    public LinkScans Scans { get; }

    /// <summary>Its stream of scan data: one over all its channels, so that its batches have one order.</summary>
    public OneStream ScanData { get; } = new();

    /// <summary>Whether a batch may be looked at that brings nothing, over whatever channel.</summary>
    public RateBucket EmptyBatches { get; }

    /// <summary>Where its channels come in.</summary>
    public LinkEntrance Entrance { get; }

    public void Wake() => _wake.Set();

    /// <summary>A channel has come in: it is not idle yet.</summary>
    public void OnChannelOpened()
    {
        Volatile.Write(ref _idleSince, _node.Steady.UtcTicks);
        Wake();
    }

    /// <summary>The last channel is gone though nobody let it go: the engine is probed at once.</summary>
    public void OnChannelLost()
    {
        Contact.Lost();
        _probeNow = true;
    }

    /// <summary>Both sides have just proved themselves: it is dialled now, whatever failed before.</summary>
    public void PairedAgain()
    {
        _dial.Forget();
        _probeNow = true;
        Wake();
    }

    /// <summary>Where this console dials: opens a new channel, and the old one goes then.</summary>
    public void Redial()
    {
        _redial = true;
        Wake();
    }

    /// <summary>The engine's admin proposes a direction: a change under the next epoch, unless one is open.</summary>
    public bool TakeProposal(CommunicationDirection proposal)
    {
        if (_node.Store.GetEngine(PairingId) is not { State: EngineState.Paired } engine
            || !_pending.TakeProposal(engine, proposal))
        {
            return false;
        }

        Wake();
        return true;
    }

    /// <summary>The engine is no longer in the store: tells it so, as far as it can be reached, and ends.</summary>
    public async Task UnregisterAsync()
    {
        const string Text = "This console has ended the pairing.";
        await Channels.CloseAsync(_ => true, RefusalCode.Revoked, Text).ConfigureAwait(false);
        await EndAsync(RefusalCode.Revoked, Text).ConfigureAwait(false);
    }

    public ValueTask DisposeAsync() => EndAsync(RefusalCode.Stopping, "The console is stopping.");

    /// <summary>Tells it to channels that came in while this link ended, too.</summary>
    private async ValueTask EndAsync(RefusalCode code, string text)
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _run.ConfigureAwait(false);
        await Channels.CloseAsync(_ => true, code, text).ConfigureAwait(false);
        _stop.Dispose();
    }

    [SuppressMessage(
        "Design",
        "CA1031:Do not catch general exception types",
        Justification = "A link that dies strands its engine.")]
    private async Task RunAsync()
    {
        CancellationToken stopping = _stop.Token;
        int faults = 0;
        while (!stopping.IsCancellationRequested)
        {
            TimeSpan wait;
            try
            {
                wait = await StepAsync(stopping).ConfigureAwait(false);
                faults = 0;
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                break;
            }
            catch (Exception exception)
            {
                // The channel ended under the step, or the store failed it: the next one starts from what is stored.
                string name = exception is ChannelException ? Events.LinkInterrupted
                    : exception is ScanEngineException ? Events.StoreFault : Events.LinkFault;
                _node.Log(LogLevel.Warning, name, exception.Message, ("pairing", PairingId.ToString("D")));
                wait = Backoff.After(++faults, _node.Options.MinRetry, _node.Options.MaxRetry, Random.Shared);
            }

            try
            {
                await _wake.WaitAsync(wait, _node.Time, stopping).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                break;
            }
        }

        await _changing.ConfigureAwait(false);
    }

    /// <summary>Does what can be done now and says how long nothing is due.</summary>
    private async Task<TimeSpan> StepAsync(CancellationToken cancellationToken)
    {
        EngineRecord? engine = _node.Store.GetEngine(PairingId);
        if (engine is null)
        {
            return Never;
        }

        if (engine.State != EngineState.Paired)
        {
            return engine is { State: EngineState.Registered, Direction: CommunicationDirection.ConsoleToEngine }
                ? await _dial.AskForApprovalAsync(engine, cancellationToken).ConfigureAwait(false)
                : Never;
        }

        return Scans.Earlier(await PairedStepAsync(engine, cancellationToken).ConfigureAwait(false));
    }

    private async Task<TimeSpan> PairedStepAsync(EngineRecord engine, CancellationToken cancellationToken)
    {
        ChangeRecord? change = _node.Store.ListChanges(PairingId, openOnly: true) is [var newest, ..] ? newest : null;
        if (change is not null && _changing.IsCompleted)
        {
            _changing = Task.Run(() => _change.RunAsync(change.ChangeId, cancellationToken), CancellationToken.None);
        }

        TimeSpan? pending = change is null ? _pending.Rest(engine) : null;
        if (pending == TimeSpan.Zero)
        {
            if (Channels.Any && _pending.TryTake(engine))
            {
                return Soon;
            }

            _nextProbe = _node.Steady;
        }

        LinkChannel? channel = Channels.Best(engine.Direction);
        IReadOnlyList<ScanRecord> scans = Scans.ListOpen(channel is not null);
        bool wanted = scans.Count > 0 || _node.Pools.HasWork(PairingId);
        DateTimeOffset now = _node.Steady;
        if (_redial)
        {
            _redial = false;
            _probeNow |= channel is null;
            if (change is null && channel is { Way: CommunicationDirection.ConsoleToEngine })
            {
                await _dial.TryRedialAsync(engine, cancellationToken).ConfigureAwait(false);
                channel = Channels.Best(engine.Direction);
            }
        }

        if (_probeNow)
        {
            _probeNow = false;
            _nextProbe = now;
        }

        Contact.Restore(engine, _nextProbe);
        if (channel is null && change is null && engine.Direction == CommunicationDirection.ConsoleToEngine
            && (wanted || now >= _nextProbe))
        {
            if (_dial.Wait(engine) is { } notYet && notYet > TimeSpan.Zero)
            {
                return notYet;
            }

            if (!await _dial.TryDialAsync(engine, cancellationToken).ConfigureAwait(false))
            {
                return _dial.Wait(engine) ?? _node.Options.MinRetry;
            }

            _nextProbe = now + Backoff.Jitter(_node.Options.ProbeInterval, Random.Shared);
            channel = Channels.Best(engine.Direction);
        }

        if (channel is null)
        {
            return engine.Direction == CommunicationDirection.ConsoleToEngine
                ? Until(_nextProbe)
                : await _overdue.StepAsync(engine, cancellationToken).ConfigureAwait(false) + Soon ?? Never;
        }

        _overdue.Found();
        if (change is null && !channel.Synced
            && await _split.EndAsync(channel, cancellationToken).ConfigureAwait(false))
        {
            return Soon;
        }

        Channels.ReconcileOver(channel);
        IReadOnlyList<ScanRecord> given = _node.Pools.Give(engine, channel, Scans, scans);
        await ScanDispatch.RunAsync(_node, engine, Scans, channel, [.. scans, .. given], cancellationToken)
            .ConfigureAwait(false);
        if (given.Any(part => _node.Store.GetScan(part.ScanId) is { IsFinished: true }))
        {
            // Refused: it may be given another.
            _node.Pools.Wake();
            return Soon;
        }

        TimeSpan rest = await RestAsync(engine, change, wanted, cancellationToken).ConfigureAwait(false);
        return pending < rest ? pending.Value + Soon : rest;
    }

    /// <summary>An idle channel that this side dialled is let go after a while.</summary>
    private async Task<TimeSpan> RestAsync(
        EngineRecord engine, ChangeRecord? change, bool busy, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (busy || change is not null)
        {
            Volatile.Write(ref _idleSince, _node.Steady.UtcTicks);
            return _node.Options.StoreCheck;
        }

        if (engine.Direction != CommunicationDirection.ConsoleToEngine)
        {
            return Never;
        }

        var end = new DateTimeOffset(Volatile.Read(ref _idleSince), TimeSpan.Zero) + _node.Options.Linger;
        if (_node.Steady < end)
        {
            return Until(end);
        }

        if (_nextProbe <= _node.Steady)
        {
            // It fell due while the channel was open, which was a better probe.
            _nextProbe = _node.Steady + Backoff.Jitter(_node.Options.ProbeInterval, Random.Shared);
        }

        Contact.RecordIdle(_nextProbe);
        await Channels.CloseAsync(
            entry => entry.Way == CommunicationDirection.ConsoleToEngine, RefusalCode.Unspecified, "Idle.")
                .ConfigureAwait(false);
        return Until(_nextProbe);
    }

    private TimeSpan Until(DateTimeOffset due) => due - _node.Steady;
}
