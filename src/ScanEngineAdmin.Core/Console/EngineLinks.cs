using System.Collections.Concurrent;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Certificates;
using ScanEngineAdmin.Core.Diagnosis;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Nodes;

namespace ScanEngineAdmin.Core.Console;

/// <summary>
/// Keeps one link per engine of the store, wakes those that something was written for, and sweeps for engines that are
/// overdue. It looks when the doorbell rings, and now and then in case a ring was lost.
/// </summary>
internal sealed class EngineLinks : IAsyncDisposable
{
    private readonly ConsoleContext _node;
    private readonly ReachabilityWorker _worker;
    private readonly CertificateRotator _certificate;
    private readonly ConcurrentDictionary<Guid, EngineLink> _links = new();
    private readonly AsyncSignal _rung;
    private readonly CancellationTokenSource _stop = new();
    private Dictionary<Guid, EngineRecord> _known = [];
    private long _dataVersion = -1;
    private long _engineWrites = -1;

    public EngineLinks(ConsoleContext context)
    {
        _node = context;
        _rung = new AsyncSignal(context.Options.StoreCheck / 2);
        _worker = new ReachabilityWorker(
            NodeRole.Console, _node.Store, _node.Reachability,
            (pairing, direction) => Find(pairing)?.Channels.Best(direction)?.Channel, _node.Time,
            text => _node.Log(LogLevel.Warning, Events.StoreFault, text));
        _node.Pools = new PoolScans(
            _node,
            pairing => Find(pairing)?.Channels.Any == true,
            pairing => Find(pairing)?.Wake());
        _node.Peers = new ConsoleCertificates(_node, this);
        _certificate = new CertificateRotator(
            NodeRole.Console, _node.NodeId, _node.Certificate, _node.Store, _node.Peers, _node.Time, Ring);
    }

    public void Ring() => _rung.Set();

    public EngineLink? Find(Guid pairingId) => _links.GetValueOrDefault(pairingId);

    /// <summary>The link of an engine that has only now been written to the store.</summary>
    public EngineLink FindOrAdd(Guid pairingId)
    {
        // Under a lock, because a link that loses the race would already run.
        lock (_links)
        {
            return _links.GetOrAdd(pairingId, Make);
        }
    }

    /// <summary>Returns when an admin has asked this node to stop; throws when the token is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        Task contacts = _node.Contacts.RunAsync(
            fault => _node.Log(LogLevel.Warning, Events.StoreFault, fault.Message), cancellationToken);
        Task upkeep = _node.Upkeep.RunAsync(cancellationToken);
        Task pools = _node.Pools.RunAsync(cancellationToken);
        bool rung = true;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            _node.Folder.Check();
            _node.Upkeep.Wake();
            try
            {
                if (await LookAsync(rung).ConfigureAwait(false))
                {
                    return;
                }
            }
            catch (ScanEngineException exception)
            {
                _node.Log(LogLevel.Warning, Events.StoreFault, exception.Message);
            }

            _certificate.Wake();
            DateTimeOffset now = _node.Steady;
            foreach (EngineLink link in _links.Values)
            {
                link.Contact.Check(now);
            }

            if (contacts.IsFaulted || upkeep.IsFaulted || pools.IsFaulted)
            {
                await Task.WhenAll(contacts, upkeep, pools).ConfigureAwait(false);
            }

            rung = await _rung.WaitAsync(_node.Options.StoreCheck, _node.Time, cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _worker.DisposeAsync().ConfigureAwait(false);
        await _certificate.DisposeAsync().ConfigureAwait(false);
        await Task.WhenAll(_links.Values.Select(link => link.DisposeAsync().AsTask())).ConfigureAwait(false);
        _stop.Dispose();
    }

    /// <summary>True when this node was asked to stop.</summary>
    private async Task<bool> LookAsync(bool rung)
    {
        long version = _node.Store.VersionWithoutContacts;
        if (!rung && version == _dataVersion)
        {
            return false;
        }

        if (_node.Store.GetNode()?.StopRequested == _node.BootId)
        {
            return true;
        }

        _worker.Wake();
        if (LookAtEngines() || _links.Count != _known.Count)
        {
            await DropGoneAsync().ConfigureAwait(false);
        }

        foreach (Guid pairing in _node.Store.ListPairingsWithScans())
        {
            Find(pairing)?.Wake();
        }

        _node.Pools.Look();
        foreach (ChangeRecord change in _node.Store.ListChanges(openOnly: true))
        {
            Find(change.PairingId)?.Wake();
        }

        foreach (PendingDirectionChange pending in _node.Store.ListPendingChanges())
        {
            Find(pending.PairingId)?.Wake();
        }

        new ChangeFirewall(_node).Settle();

        // Only now: what a fault of the store kept from being read is looked at again.
        _dataVersion = version;
        return false;
    }

    /// <summary>
    /// Whether an engine was written since. Among ten thousand the list of all takes longer than all else that a ring
    /// may be for.
    /// </summary>
    private bool LookAtEngines()
    {
        long writes = _node.Store.EngineWrites;
        if (writes == _engineWrites)
        {
            return false;
        }

        IReadOnlyList<EngineRecord> engines = _node.Store.ListEngines();
        var present = new Dictionary<Guid, EngineRecord>(engines.Count);
        foreach (EngineRecord engine in engines)
        {
            present[engine.PairingId] = engine;
            EngineLink link = FindOrAdd(engine.PairingId);
            if (!_known.TryGetValue(engine.PairingId, out EngineRecord? before))
            {
                // A channel may have come in before this first look, and its key been replaced.
                _ = link.Entrance.EnforceAsync(engine);
                continue;
            }

            if (WantsLook(before, engine))
            {
                _ = link.Entrance.EnforceAsync(engine);
                link.Wake();
            }

            if (IsPairedAgain(before, engine))
            {
                link.PairedAgain();
            }
        }

        _known = present;
        _engineWrites = writes;
        return true;
    }

    /// <summary>
    /// All at once: a goodbye to an engine that does not answer takes its time, and there may be many.
    /// </summary>
    private async Task DropGoneAsync()
    {
        var ending = new List<Task>();
        foreach (Guid gone in _links.Keys.Where(id => !_known.ContainsKey(id) && _node.Store.GetEngine(id) is null))
        {
            if (_links.TryRemove(gone, out EngineLink? link))
            {
                ending.Add(link.UnregisterAsync());
            }
        }

        await Task.WhenAll(ending).ConfigureAwait(false);
    }

    /// <summary>Whether an admin may have changed it; the link itself writes the contacts.</summary>
    private static bool WantsLook(EngineRecord before, EngineRecord now) =>
        before.State != now.State || before.Address != now.Address || before.Port != now.Port
        || before.Direction != now.Direction || !before.Pins.SequenceEqual(now.Pins);

    /// <summary>Then what was found out before says nothing: the engine may be on another host.</summary>
    private static bool IsPairedAgain(EngineRecord before, EngineRecord now) => now.State == EngineState.Paired
        && now.Status == CommunicationStatus.Unknown
        && (before.Epoch < now.Epoch || !before.Pins.SequenceEqual(now.Pins));

    private EngineLink Make(Guid pairingId)
    {
        // A console that starts with thousands of engines must not probe them all in the same second.
        TimeSpan spread = TimeSpan.FromMilliseconds(20) * Math.Max(1, _links.Count);
        TimeSpan first = spread < _node.Options.ProbeInterval ? spread : _node.Options.ProbeInterval;
        return new EngineLink(_node, pairingId, first * Random.Shared.NextDouble(), _stop.Token);
    }
}
