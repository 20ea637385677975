using System.Net;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Certificates;
using ScanEngineAdmin.Core.Diagnosis;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Nodes;

namespace ScanEngineAdmin.Core.Engine;

/// <summary>
/// The ways that are open: one listener for all standard consoles, a poller for each reverse one, both for one whose
/// change of direction is in doubt. What should be open is always worked out from the store, never remembered.
/// </summary>
internal sealed class ConsoleLinks : IAsyncDisposable
{
    private static readonly TimeSpan CloseGrace = TimeSpan.FromSeconds(5);

    private readonly EngineContext _node;
    private readonly EngineDirection _direction;
    private readonly EngineFirewall _firewall;
    private readonly AsyncSignal _wake;
    private readonly SemaphoreSlim _one = new(1, 1);
    private readonly CancellationTokenSource _stop = new();
    private readonly Dictionary<Guid, ConsoleLink> _sessions = [];
    private readonly Dictionary<Guid, ConsolePoller> _pollers = [];
    private readonly Dictionary<Guid, (string?, int, ConsoleState, CommunicationDirection?)> _reported = [];
    private readonly ListenerControl _listener;
    private readonly ReachabilityWorker _worker;
    private readonly EngineCertificates _peers;
    private readonly CertificateRotator _certificate;
    private bool _stopped;

    public ConsoleLinks(EngineContext node)
    {
        _node = node;
        _wake = new AsyncSignal(node.Options.StoreCheck / 2);
        _listener = new ListenerControl(node, new EngineAdmission(node, this));
        _direction = new EngineDirection(node, this);
        _firewall = new EngineFirewall(node);
        _worker = new ReachabilityWorker(
            NodeRole.Engine, node.Store, node.Reachability, (pairing, _) => OpenChannel(pairing), node.Time,
            text => node.Log(LogLevel.Warning, Events.StoreFault, text));
        _peers = new EngineCertificates(node, this);
        _certificate = new CertificateRotator(
            NodeRole.Engine, node.NodeId, node.Certificate, node.Store, _peers, node.Time, Wake);
        node.Scans.Runs.Spooled = pairingId => Session(pairingId).Spooled();
    }

    public IPEndPoint? EndPoint => _listener.EndPoint;

    public void Wake() => _wake.Set();

    public EnginePeerHandler Handler(ConsoleLink session) => new(_node, session, _direction, _peers);

    public ConsoleLink? FindSession(Guid pairingId)
    {
        lock (_sessions)
        {
            return _sessions.GetValueOrDefault(pairingId);
        }
    }

    public void Redial(Guid pairingId) => Poller(pairingId)?.Redial();

    public ConsoleLink Session(Guid pairingId)
    {
        lock (_sessions)
        {
            ObjectDisposedException.ThrowIf(_stopped, this);
            if (!_sessions.TryGetValue(pairingId, out ConsoleLink? session))
            {
                session = _sessions[pairingId] = new ConsoleLink(_node, pairingId);
            }

            return session;
        }
    }

    /// <summary>Opens what the store asks for now; throws when the listener cannot be opened.</summary>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        await ApplyAsync(cancellationToken).ConfigureAwait(false);
        if (_listener.Failed)
        {
            _listener.Open(null);
        }
    }

    /// <summary>
    /// Writes a change's doubt down and opens its new way before that is promised; throws (PortInUse, …) when it cannot
    /// be opened. Nobody looks at the store in between: the listener would open on another port than the one named.
    /// </summary>
    public async Task<ConsoleRecord> OpenAsync(Func<ConsoleRecord> doubting, int? listenPort)
    {
        ConsoleRecord doubt;
        await _one.WaitAsync(_stop.Token).ConfigureAwait(false);
        try
        {
            bool onlyProposed = !_node.Store.ListConsoles().Any(WantedWays.NeedsListener);
            if (onlyProposed && listenPort is not null && listenPort != EndPoint?.Port)
            {
                // Only a proposal has opened it, before anybody had named a port.
                await _listener.ApplyAsync(wanted: false).ConfigureAwait(false);
            }

            doubt = doubting();
            if (doubt.ChangeTo == CommunicationDirection.ConsoleToEngine && !_listener.IsOpen)
            {
                _listener.Open(listenPort);
            }
        }
        finally
        {
            _one.Release();
        }

        await ApplyAsync(_stop.Token).ConfigureAwait(false);
        Poller(doubt.PairingId)?.Wake();
        return doubt;
    }

    /// <summary>Follows the store until an admin asks this node to stop, or the only round is over.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        long version = -1;
        while (true)
        {
            _node.Folder.Check();
            _certificate.Wake();
            long now = _node.Store.DataVersion;
            if (version != now)
            {
                version = now;
                if (_node.Store.GetNode()?.StopRequested == _node.BootId)
                {
                    return;
                }

                _worker.Wake();
                _node.Scans.Runs.ApplyPolicy();
                await ApplyAsync(cancellationToken).ConfigureAwait(false);
            }

            if (_node.Options.Once)
            {
                ConsolePoller[] pollers;
                lock (_sessions)
                {
                    pollers = [.. _pollers.Values];
                }

                await Task.WhenAll(pollers.Select(poller => poller.Completion)).WaitAsync(cancellationToken)
                    .ConfigureAwait(false);
                return;
            }

            if (await _wake.WaitAsync(_node.Options.StoreCheck, _node.Time, cancellationToken).ConfigureAwait(false))
            {
                version = -1;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _worker.DisposeAsync().ConfigureAwait(false);
        await _certificate.DisposeAsync().ConfigureAwait(false);
        await _listener.DisposeAsync().ConfigureAwait(false);
        ConsolePoller[] pollers;
        ConsoleLink[] sessions;
        lock (_sessions)
        {
            pollers = [.. _pollers.Values];
            sessions = [.. _sessions.Values];
            _stopped = true;
        }

        await Task.WhenAll(pollers.Select(poller => poller.DisposeAsync().AsTask())).ConfigureAwait(false);
        await Task.WhenAll(sessions.Select(session => session.DisposeAsync().AsTask())).ConfigureAwait(false);
        _one.Dispose();
        _stop.Dispose();
    }

    private PeerChannel? OpenChannel(Guid pairingId) =>
        FindSession(pairingId)?.Channels.Open is [.., var last] ? last : null;

    private async Task ApplyAsync(CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            IReadOnlyList<ConsoleRecord> consoles = _node.Store.ListConsoles();
            bool unpaired = _node.Options.ListenUnpaired
                && consoles.All(console => console.State is ConsoleState.Pending or ConsoleState.Denied);
            await _listener.ApplyAsync(consoles.Any(WantedWays.WantsListener) || unpaired).ConfigureAwait(false);
            foreach (ConsoleRecord console in consoles)
            {
                _ = Session(console.PairingId).EnforceAsync(console);
                await ApplyPollerAsync(console).ConfigureAwait(false);
                if (!console.WantsListener())
                {
                    _ = Session(console.PairingId).CloseWayAsync(dialled: false, CloseGrace);
                }
            }

            await DropGoneAsync(consoles).ConfigureAwait(false);
            _firewall.Settle();
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Pairings that ended or were replaced by newer ones: their channels must not work on.</summary>
    private async Task DropGoneAsync(IReadOnlyList<ConsoleRecord> consoles)
    {
        List<Guid> gone;
        lock (_sessions)
        {
            gone = _sessions.Keys.Except(consoles.Select(console => console.PairingId)).ToList();
        }

        // Asked once more: one that was paired since the list was read is not gone.
        foreach (Guid pairingId in gone.Where(id => _node.Store.GetConsole(id) is null))
        {
            await StopPollerAsync(pairingId).ConfigureAwait(false);
            ConsoleLink? session;
            lock (_sessions)
            {
                _sessions.Remove(pairingId, out session);
            }

            _reported.Remove(pairingId);
            _ = session?.RevokeAsync();
        }
    }

    private async Task ApplyPollerAsync(ConsoleRecord console)
    {
        bool polls = _pollers.TryGetValue(console.PairingId, out ConsolePoller? poller)
            && !poller.Completion.IsCompleted;
        var tell = (console.Address, console.Port, console.State, console.ProposedDirection);
        bool news = _reported.TryGetValue(console.PairingId, out var reported) && reported != tell;
        _reported[console.PairingId] = tell;
        if (console.WantsPoller() && !polls && !(_node.Options.Once && poller is not null))
        {
            ConsoleLink session = Session(console.PairingId);
            lock (_sessions)
            {
                _pollers[console.PairingId] = new ConsolePoller(_node, session, Handler(session), _stop.Token);
            }
        }
        else if (!console.WantsPoller() && poller is not null)
        {
            await StopPollerAsync(console.PairingId).ConfigureAwait(false);
            _ = Session(console.PairingId).CloseWayAsync(dialled: true, CloseGrace);
        }
        else if (polls && news)
        {
            // What an admin has changed is not left to a back-off of minutes.
            poller!.Wake();
        }
    }

    private async Task StopPollerAsync(Guid pairingId)
    {
        ConsolePoller? poller;
        lock (_sessions)
        {
            _pollers.Remove(pairingId, out poller);
        }

        if (poller is not null)
        {
            await poller.DisposeAsync().ConfigureAwait(false);
            _node.Log(LogLevel.Information, Events.PollerStopped, "The engine does not poll this console any more.",
                ("pairing", pairingId.ToString("D")));
        }
    }

    private ConsolePoller? Poller(Guid pairingId)
    {
        lock (_sessions)
        {
            return _pollers.GetValueOrDefault(pairingId);
        }
    }
}
