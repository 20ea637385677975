using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Scanning.Ports;

namespace ScanEngineAdmin.Scanning.Plan;

/// <summary>
/// Units that are done without a finding: those of host names that had no address when they were looked up, and of
/// addresses that the engine passed over because its policy or an exclusion forbids them. Every other unit that is done
/// has a finding, so the console's store knows which they are.
/// </summary>
internal static class SkippedUnits
{
    /// <summary>How many a completed scan lacks.</summary>
    public static long Count(ScanRecord scan) =>
        scan.TargetsTotal == 0 ? 0 : (scan.TargetsTotal * Ports(scan)) - scan.FindingCount;

    /// <summary>The first of them below the cursor; the cursor if there is none.</summary>
    public static long First(ScanRecord scan, IConsoleStore store)
    {
        long unit = 0;
        foreach (Finding finding in store.ReadFindings(scan.ScanId))
        {
            if (finding.Unit != unit || unit >= scan.Cursor)
            {
                break;
            }

            unit++;
        }

        return Math.Min(unit, scan.Cursor);
    }

    /// <summary>
    /// Of those parts of a pool's scan that lack a finding: their own first unit without one.
    /// </summary>
    public static IReadOnlyDictionary<Guid, long> FirstOfParts(
        IEnumerable<ScanPart> parts, IEnumerable<Finding> findings)
    {
        var first = new Dictionary<Guid, long>();
        using IEnumerator<Finding> found = findings.GetEnumerator();
        bool more = found.MoveNext();
        long at = 0;
        foreach (ScanPart part in parts.OrderBy(static part => part.First).ThenBy(static part => part.Held))
        {
            for (at = Math.Max(at, part.First); at < part.Held; at++)
            {
                while (more && found.Current.Unit < at)
                {
                    more = found.MoveNext();
                }

                if (!more || found.Current.Unit != at)
                {
                    first[part.ScanId] = at - part.First;
                    at = part.Held;
                    break;
                }
            }
        }

        return first;
    }

    /// <summary>The target that a unit belongs to, which is how many are done before it.</summary>
    public static long TargetOf(ScanRecord scan, long unit) => unit / Ports(scan);

    private static int Ports(ScanRecord scan) => PortList.Parse(scan.Request.Ports).Count;
}
