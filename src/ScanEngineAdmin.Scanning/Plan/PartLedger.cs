using ScanEngineAdmin.Domain.Scans;

namespace ScanEngineAdmin.Scanning.Plan;

/// <summary>
/// Which units of a pool's scan are done, which an engine has, and which may be given to whom. It is worked out from
/// the parts each time, and knows neither clock nor store. No unit is ever given to two engines at once: what a part
/// holds is not open.
/// </summary>
internal sealed class PartLedger
{
    /// <summary>Parts that one engine may refuse before it is given no more of that scan.</summary>
    public const int MaxRefusals = 100;

    private readonly int _ports;
    private readonly int _maxFailures;
    private readonly ILookup<Guid, PartRange> _refused;
    private readonly ILookup<Guid, PartRange> _failed;

    /// <param name="units">Units of the whole scan.</param>
    /// <param name="ports">Units of one target.</param>
    /// <param name="round">Failures and refusals of earlier rounds count no more.</param>
    /// <param name="maxFailures">How often a unit may be in a part that failed at one engine.</param>
    /// <param name="parts">All parts of the scan, of all rounds.</param>
    public PartLedger(long units, int ports, int round, int maxFailures, IReadOnlyList<ScanPart> parts)
    {
        _ports = ports;
        _maxFailures = maxFailures;
        Parts = parts;
        Units = units;
        Open = Gaps(units, parts);
        IEnumerable<ScanPart> lately = parts.Where(part => part.Round == round && part.State == ScanState.Failed);
        _refused = lately.Where(part => part.Cause == ScanCause.Refused).ToLookup(part => part.PairingId, Rest);
        _failed = lately.Where(IsFailure).ToLookup(part => part.PairingId, Rest);
    }

    public IReadOnlyList<ScanPart> Parts { get; }

    public long Units { get; }

    /// <summary>What is neither done nor with an engine, ascending.</summary>
    public IReadOnlyList<PartRange> Open { get; }

    public long OpenUnits => Open.Sum(static gap => gap.Units);

    /// <summary>Every unit is done.</summary>
    public bool IsDone => Open.Count == 0 && !Parts.Any(static part => part.IsOpen);

    /// <summary>Whether a part ended by its engine's fault.</summary>
    public static bool IsFailure(ScanPart part) => part.State == ScanState.Failed
        && part.Cause is not (ScanCause.Refused or ScanCause.DeadlinePassed);

    /// <summary>
    /// The next units in a row that the engine may be given; null if there are none. What it has refused is offered to
    /// it again, in halves, only when no other is left that may scan it: so what one forbidden target stands among is
    /// scanned in the end.
    /// </summary>
    public PartRange? Next(Guid engine, IReadOnlyCollection<Guid> members)
    {
        if (_refused[engine].Count() >= MaxRefusals)
        {
            return null;
        }

        List<PartRange> segments = Segments(engine);
        for (int i = 0; i < segments.Count; i++)
        {
            if (!IsRefused(engine, segments[i]))
            {
                long end = segments[i].End;
                for (int next = i + 1; next < segments.Count && segments[next].First == end
                    && !IsRefused(engine, segments[next]); next++)
                {
                    end = segments[next].End;
                }

                return new PartRange(segments[i].First, end);
            }
        }

        foreach (PartRange segment in segments)
        {
            if (members.All(other => other == engine || MayNot(other, segment)) && Half(engine, segment) is { } half)
            {
                return half;
            }
        }

        return null;
    }

    /// <summary>Whether nobody of these will ever do what is open, as things are.</summary>
    public bool IsStuck(IReadOnlyCollection<Guid> members) =>
        Open.Count > 0 && members.Count > 0 && members.All(member => Next(member, members) is null);

    /// <summary>The first target of a unit, as a unit.</summary>
    public long TargetStart(long unit) => unit / _ports * _ports;

    /// <summary>
    /// Open units that have not failed at this engine too often, cut where failures and refusals begin and end. What
    /// fails at one engine says nothing of another: a member that always fails takes no unit from the others.
    /// </summary>
    private List<PartRange> Segments(Guid engine)
    {
        List<PartRange> cuts = [.. _failed.Concat(_refused).SelectMany(static one => one)];
        var edges = new SortedSet<long>(cuts.Select(cut => cut.First).Concat(cuts.Select(cut => cut.End)));
        var found = new List<PartRange>();
        foreach (PartRange gap in Open)
        {
            long from = gap.First;
            foreach (long edge in edges.GetViewBetween(gap.First + 1, gap.End).Append(gap.End))
            {
                var piece = new PartRange(from, edge);
                if (piece.Units > 0 && !HasFailed(engine, piece))
                {
                    found.Add(piece);
                }

                from = Math.Max(from, edge);
            }
        }

        return found;
    }

    private bool HasFailed(Guid engine, PartRange segment) =>
        _failed[engine].Count(failed => failed.Holds(segment)) >= _maxFailures;

    private bool IsRefused(Guid engine, PartRange segment) => _refused[engine].Any(range => range.Overlaps(segment));

    private bool MayNot(Guid engine, PartRange segment) =>
        _refused[engine].Count() >= MaxRefusals || IsRefused(engine, segment) || HasFailed(engine, segment);

    /// <summary>The first half of the least that it has refused there; null if that is a single target.</summary>
    private PartRange? Half(Guid engine, PartRange segment)
    {
        PartRange least = _refused[engine].Where(range => range.Overlaps(segment)).MinBy(static range => range.Units);
        long targets = ((least.End - TargetStart(least.First)) + _ports - 1) / _ports;
        if (targets < 2)
        {
            return null;
        }

        // The half that the segment begins in.
        long middle = TargetStart(least.First) + (targets / 2 * _ports);
        PartRange half = segment.First < middle ? least with { End = middle } : least with { First = middle };
        PartRange both = segment.With(half);
        return both.Units > 0 ? both : null;
    }

    /// <summary>What a part that ended has not done.</summary>
    private static PartRange Rest(ScanPart part) => new(part.Held, part.End);

    private static List<PartRange> Gaps(long units, IReadOnlyList<ScanPart> parts)
    {
        var gaps = new List<PartRange>();
        long at = 0;
        foreach (ScanPart part in parts.Where(part => part.Held > part.First).OrderBy(static part => part.First))
        {
            if (part.First > at)
            {
                gaps.Add(new PartRange(at, part.First));
            }

            at = Math.Max(at, part.Held);
        }

        if (at < units)
        {
            gaps.Add(new PartRange(at, units));
        }

        return gaps;
    }
}
