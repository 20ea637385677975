using System.Collections.Concurrent;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Scanning.Plan;

namespace ScanEngineAdmin.Core.Console;

/// <summary>The plans of pools' scans: a large list of targets is not parsed for every part.</summary>
internal sealed class PoolPlans
{
    private const int Most = 16;

    private readonly ConcurrentDictionary<Guid, ScanPlan> _plans = new();

    public ScanPlan Of(ScanRecord scan)
    {
        if (_plans.TryGetValue(scan.ScanId, out ScanPlan? known))
        {
            return known;
        }

        if (_plans.Count >= Most)
        {
            _plans.TryRemove(_plans.Keys.First(), out _);
        }

        return _plans[scan.ScanId] = ScanPlan.Create(scan.Request);
    }
}
