namespace ScanEngineAdmin.Faults.Soak;

/// <summary>
/// Draws the faults. Each host has a row of them for its process and another for its link, and the engines one for what
/// admins do: the rows know nothing of each other, so that all meet sooner or later.
/// </summary>
internal static class FaultSchedule
{
    private static readonly FaultKind[] LinkFaults =
    [
        FaultKind.Unplug, FaultKind.Cut, FaultKind.DeafOneWay, FaultKind.MuteOneWay, FaultKind.Lossy,
        FaultKind.Slow,
        FaultKind.OtherPortDropped, FaultKind.NoNewConnections,
    ];

    private static readonly FaultKind[] ProcessFaults =
        [FaultKind.Kill, FaultKind.Freeze, FaultKind.Kill, FaultKind.Restart];

    private static readonly FaultKind[] AdminActs =
        [FaultKind.ChangeDirection, FaultKind.ChangeDirection, FaultKind.StopScan];

    /// <summary>Long enough that heartbeats find it, not only the end of the fault.</summary>
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(48);

    public static IReadOnlyList<PlannedFault> Draw(SoakOptions options)
    {
        var random = new Random(options.Seed);
        List<PlannedFault> faults =
        [
            .. Row(options, random, 0, ProcessFaults, quiet: 14, lasts: 6),
            .. Row(options, random, 0, LinkFaults, quiet: 18, lasts: 8),
        ];
        for (int engine = 1; engine <= options.Engines; engine++)
        {
            faults.AddRange(Row(options, random, engine, ProcessFaults, quiet: 15, lasts: 8));
            faults.AddRange(Row(options, random, engine, LinkFaults, quiet: 12, lasts: 10));
            faults.AddRange(Row(options, random, engine, AdminActs, quiet: 12, lasts: 3));
        }

        return [.. faults.Select(fault => Spare(fault, options)).OrderBy(fault => fault.At)];
    }

    private static IEnumerable<PlannedFault> Row(
        SoakOptions options, Random random, int host, FaultKind[] kinds, double quiet, double lasts)
    {
        TimeSpan at = Between(random, 0.5, quiet);
        while (at < options.Time)
        {
            FaultKind kind = kinds[random.Next(kinds.Length)];
            TimeSpan takes = Between(random, 0.1, 2 * lasts);
            bool silent = kind is FaultKind.Cut or FaultKind.DeafOneWay or FaultKind.MuteOneWay or FaultKind.Unplug
                or FaultKind.Freeze;
            if (silent && random.Next(5) == 0)
            {
                takes = Long;
            }

            // Nothing lasts beyond the time: what is healed then all at once is only what was begun late.
            TimeSpan left = options.Time - at;
            takes = takes < left ? takes : left;
            yield return new PlannedFault(at, kind, host, takes, random.Next());
            at += takes + Between(random, 0.5, 2 * quiet);
        }
    }

    /// <summary>
    /// A leak needs a life to show in: every other engine is never ended, and the console not in the second half.
    /// </summary>
    private static PlannedFault Spare(PlannedFault fault, SoakOptions options)
    {
        bool spared = fault.Host == 0 ? fault.At > options.Time / 2 : fault.Host % 2 == 0;
        return spared && fault.Kind is FaultKind.Kill or FaultKind.Restart
            ? fault with { Kind = FaultKind.Freeze }
            : fault;
    }

    private static TimeSpan Between(Random random, double least, double most) =>
        TimeSpan.FromSeconds(least + (random.NextDouble() * (most - least)));
}
