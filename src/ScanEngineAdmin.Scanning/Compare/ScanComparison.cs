using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Scanning.Plan;
using ScanEngineAdmin.Scanning.Targets;

namespace ScanEngineAdmin.Scanning.Compare;

/// <summary>
/// What is different in the later one of two scans, at the ports of targets that both have scanned: a port or target
/// that only one has, or has not reached, says nothing about the network. Both are read once in their order, which is
/// the same for addresses; the room that is needed is that of one target's differences.
/// </summary>
internal sealed class ScanComparison
{
    private readonly ScanPlan _earlier;
    private readonly ScanPlan _later;

    private ScanComparison(ScanRecord earlier, ScanRecord later)
    {
        Earlier = earlier;
        Later = later;
        _earlier = ScanPlan.Create(earlier.Request);
        _later = ScanPlan.Create(later.Request);
    }

    public ScanRecord Earlier { get; }

    public ScanRecord Later { get; }

    /// <summary>Of the two scans that one is the earlier one which was queued first.</summary>
    public static ScanComparison Of(ScanRecord one, ScanRecord other)
    {
        ArgumentNullException.ThrowIfNull(one);
        ArgumentNullException.ThrowIfNull(other);
        return one.Queued <= other.Queued ? new ScanComparison(one, other) : new ScanComparison(other, one);
    }

    /// <summary>What only one of the scans was to scan: targets, and ports. Not compared.</summary>
    public (long Targets, long Ports) OnlyOne() => (
        Lacks(_earlier.Targets, _later.Targets) + Lacks(_later.Targets, _earlier.Targets),
        Map(_earlier, _later).LongCount(static at => at < 0) + Map(_later, _earlier).LongCount(static at => at < 0));

    /// <summary>In the order of the earlier scan's targets.</summary>
    public IEnumerable<ScanDifference> Read(IConsoleStore store, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(store);
        using var before = new FindingCursor(store, Earlier.ScanId);
        using var after = new FindingCursor(store, Later.ScanId);
        int[] ports = Map(_earlier, _later);
        var host = new HostDifferences();
        long unit = 0;
        while (before.Seek(unit) is { } first)
        {
            cancellationToken.ThrowIfCancellationRequested();
            long target = first.Unit / ports.Length;
            long end = (target + 1) * ports.Length;
            if (_later.Targets.Find(_earlier.Targets, target) is { } other)
            {
                host.Begin(first.Target);
                for (unit = first.Unit; unit < end && before.Seek(unit) is { } found && found.Unit < end; unit++)
                {
                    unit = found.Unit;
                    int port = ports[unit % ports.Length];
                    if (port >= 0 && after.Find((other * _later.Ports.Count) + port) is { } now)
                    {
                        host.Add(found, now);
                    }
                }

                foreach (ScanDifference difference in host.List())
                {
                    yield return difference;
                }
            }

            unit = end;
        }
    }

    /// <summary>The place of each port of the one plan in the other; below zero where it has none.</summary>
    private static int[] Map(ScanPlan plan, ScanPlan other)
    {
        var places = new Dictionary<int, int>(other.Ports.Count);
        for (int i = 0; i < other.Ports.Count; i++)
        {
            places.Add(other.Ports[i], i);
        }

        int[] map = new int[plan.Ports.Count];
        for (int i = 0; i < map.Length; i++)
        {
            map[i] = places.GetValueOrDefault(plan.Ports[i], -1);
        }

        return map;
    }

    private static long Lacks(TargetList targets, TargetList other) =>
        (long)new AddressSet(targets.Ranges).Except(new AddressSet(other.Ranges)).Count
            + targets.Names.Except(other.Names, StringComparer.OrdinalIgnoreCase).Count();
}
