using System.Collections.Concurrent;
using ScanEngineAdmin.Domain.Scans;

namespace ScanEngineAdmin.Core.Console;

/// <summary>
/// Since when engines may have their parts, by elapsed time, which no jump of the clock touches. It begins once, when a
/// part is first seen, and no message sent again begins it anew. An engine is told how much of it is left, counted from
/// a time of its own clock that it said before: so it is over there before it is over here, however late anything is
/// read (docs/protocol.md). A restart of the console makes a part's time longer here, never shorter.
/// </summary>
internal sealed class PartLeases(TimeProvider time)
{
    private readonly ConcurrentDictionary<Guid, long> _begun = new();

    /// <summary>What is left of a part's time; null for what is no part.</summary>
    public TimeSpan? Left(ScanRecord scan) => scan.Lease - (scan.Lease is null ? null : Elapsed(scan.ScanId));

    /// <summary>How long the engine may have had it at least.</summary>
    public TimeSpan Elapsed(Guid part) => time.GetElapsedTime(_begun.GetOrAdd(part, _ => time.GetTimestamp()));

    /// <summary>Forgets all but these, and those that began after these were read.</summary>
    public void Keep(IReadOnlySet<Guid> parts, long read)
    {
        foreach (KeyValuePair<Guid, long> gone in _begun.Where(part => part.Value < read && !parts.Contains(part.Key)))
        {
            _begun.TryRemove(gone);
        }
    }
}
