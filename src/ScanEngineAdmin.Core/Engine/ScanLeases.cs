using System.Collections.Concurrent;

namespace ScanEngineAdmin.Core.Engine;

/// <summary>
/// Until when this process may run the scans that are lent. A process that is new has no lease: it may not run them
/// before its console has listed them.
/// </summary>
internal sealed class ScanLeases(TimeProvider time)
{
    private readonly ConcurrentDictionary<(Guid PairingId, Guid ScanId), (int Attempt, TimeSpan Until)> _leases = new();
    private readonly LeaseClock _clock = new(time);

    public TimeSpan Now => _clock.Now;

    /// <summary>The lease of one attempt becomes shorter at most, however often it is said.</summary>
    public void Lend(Guid pairingId, Guid scanId, int attempt, TimeSpan until) => _leases.AddOrUpdate(
        (pairingId, scanId),
        (attempt, until),
        (_, known) => known.Attempt == attempt && known.Until < until ? known : (attempt, until));

    public TimeSpan? Until(Guid pairingId, Guid scanId, int attempt) =>
        _leases.TryGetValue((pairingId, scanId), out (int Attempt, TimeSpan Until) lease) && lease.Attempt == attempt
            ? lease.Until : null;

    public void Forget(Guid pairingId, Guid scanId, int attempt)
    {
        if (_leases.TryGetValue((pairingId, scanId), out (int Attempt, TimeSpan Until) lease) && lease.Attempt <= attempt)
        {
            _leases.TryRemove(KeyValuePair.Create((pairingId, scanId), lease));
        }
    }

    /// <summary>A console that is thrown out has nothing lent; one that is let in again lists what it wants.</summary>
    public void ForgetAll(Guid pairingId)
    {
        foreach ((Guid PairingId, Guid ScanId) lent in _leases.Keys.Where(lent => lent.PairingId == pairingId))
        {
            _leases.TryRemove(lent, out _);
        }
    }
}
