using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Core.Admin;

/// <summary>
/// What happens at a console, as its store shows it from any process: the audit trail as it grows, engines that become
/// Active and that are no more, scans that finish. What was so when the watch began is not told.
/// </summary>
internal sealed class EngineWatch(IConsoleStore store, TimeProvider time)
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);

    // Looking is to take a small part of the time, however many engines there are.
    private const int RestPerLook = 10;

    // A look that shows no other version may still be due: this connection's own writes change none.
    private static readonly TimeSpan LookAnyway = TimeSpan.FromSeconds(1);

    /// <summary>The names that what happens can have.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [.. Events.Audited, Events.EngineConnected, Events.EngineLost, Events.ScanFinished];

    private readonly Dictionary<Guid, (string Name, bool Active)> _engines = [];
    private readonly HashSet<Guid> _unfinished = [];
    private long? _place;

    /// <summary>Tells until it is stopped, or for that long.</summary>
    /// <param name="tell">What happened, in its order; false has seen enough.</param>
    /// <param name="timeout">How long; null without end.</param>
    /// <param name="cancellationToken">Ends it with an exception.</param>
    public async Task RunAsync(Func<AuditEvent, bool> tell, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        long began = time.GetTimestamp();
        long looked = began;
        long version = store.DataVersion;
        if (_place is null)
        {
            Look();
        }

        TimeSpan rest = Rest(looked);
        while (timeout is not { } most || time.GetElapsedTime(began) < most)
        {
            await Task.Delay(rest, time, cancellationToken).ConfigureAwait(false);
            long now = store.DataVersion;
            if (now == version && time.GetElapsedTime(looked) < LookAnyway)
            {
                continue;
            }

            version = now;
            looked = time.GetTimestamp();
            foreach (AuditEvent happened in Look())
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (!tell(happened))
                {
                    return;
                }
            }

            rest = Rest(looked);
        }
    }

    /// <summary>What is new since the look before.</summary>
    internal IReadOnlyList<AuditEvent> Look()
    {
        bool first = _place is null;
        var told = new List<AuditEvent>();
        var begun = new List<Guid>();
        while (true)
        {
            (IReadOnlyList<AuditEvent> events, long place) = store.ReadEvents(_place);
            _place = place;
            if (events.Count == 0)
            {
                break;
            }

            told.AddRange(events);

            // One that is over already was never seen under way.
            begun.AddRange(events.Where(one => one.Event is Events.ScanQueued or Events.ScanResumed)
                .Select(static one => Guid.TryParse(one.Detail.Split(':', ' ')[0], out Guid id) ? id : Guid.Empty));
        }

        Scans(begun, told);
        Engines(first, told);
        return told;
    }

    private void Scans(List<Guid> begun, List<AuditEvent> told)
    {
        HashSet<Guid> now = [.. store.ListScans(unfinishedOnly: true).Select(static scan => scan.ScanId)];
        foreach (Guid id in _unfinished.Concat(begun).Distinct().Where(id => !now.Contains(id)))
        {
            if (store.GetScan(id) is { IsFinished: true } scan)
            {
                told.Add(Happened(
                    Events.ScanFinished, scan.PairingId, scan.EngineName,
                    $"{scan.ScanId:D}: {scan.State}, {scan.FindingCount} findings"
                        + (scan.Cause == ScanCause.None ? string.Empty : $", {scan.Cause}")));
            }
        }

        _unfinished.Clear();
        _unfinished.UnionWith(now);
    }

    private void Engines(bool first, List<AuditEvent> told)
    {
        var gone = new HashSet<Guid>(_engines.Keys);
        foreach (EngineRecord engine in store.ListEngines())
        {
            gone.Remove(engine.PairingId);
            bool active = engine.Status == CommunicationStatus.Active;
            bool was = _engines.TryGetValue(engine.PairingId, out (string Name, bool Active) known) && known.Active;
            _engines[engine.PairingId] = (engine.Name, active);
            if (!first && active != was)
            {
                told.Add(Happened(
                    active ? Events.EngineConnected : Events.EngineLost, engine.PairingId, engine.Name,
                    $"{engine.Status}: {engine.StatusDetail}"));
            }
        }

        foreach (Guid id in gone)
        {
            _engines.Remove(id);
        }
    }

    private AuditEvent Happened(string name, Guid pairingId, string subject, string detail) => new()
    {
        Time = time.GetUtcNow(),
        Event = name,
        PairingId = pairingId,
        Subject = subject,
        Detail = detail,
    };

    private TimeSpan Rest(long looked)
    {
        TimeSpan rest = time.GetElapsedTime(looked) * RestPerLook;
        return rest < Shortest ? Shortest : rest > Longest ? Longest : rest;
    }
}
