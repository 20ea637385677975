using System.Net;

namespace ScanEngineAdmin.Core.Nodes;

/// <summary>
/// What strangers make a node write down is bounded: else anybody who can connect could fill a log, or push the audit
/// trail's older events out. What is left out is counted, and the count is said. The first line of a kind is never left
/// out: noise of one kind must not hide another.
/// </summary>
internal sealed class StrangerNotes(TimeProvider time)
{
    /// <summary>Lines about one address (an IPv6 /64) within a minute.</summary>
    public const int LinesPerAddress = 20;

    /// <summary>Lines about all strangers within a minute.</summary>
    public const int LinesInAll = 240;

    /// <summary>Audit events about one address within an hour.</summary>
    public const int EventsPerAddress = 20;

    /// <summary>
    /// Audit events about all strangers within an hour: the trail of 100 000 holds more than a week of them.
    /// </summary>
    public const int EventsInAll = 500;

    private const int Kept = 4096;

    private readonly AttemptCounter<IPAddress> _lines = new(TimeSpan.FromMinutes(1), Kept, time);
    private readonly AttemptCounter<bool> _allLines = new(TimeSpan.FromMinutes(1), 1, time);
    private readonly AttemptCounter<(IPAddress, string)> _kinds = new(TimeSpan.FromMinutes(1), Kept, time);
    private readonly AttemptCounter<string> _allKinds = new(TimeSpan.FromMinutes(1), Kept, time);
    private readonly AttemptCounter<IPAddress> _events = new(TimeSpan.FromHours(1), Kept, time);
    private readonly AttemptCounter<bool> _allEvents = new(TimeSpan.FromHours(1), 1, time);
    private long _leftOut;

    /// <summary>
    /// Whether a line about that address may be logged; with how many were left out since the last one.
    /// <paramref name="kind"/> is one of few, which no stranger makes up.
    /// </summary>
    public bool MayLog(IPAddress address, string kind, out long leftOut)
    {
        IPAddress group = RemoteGroup.Of(address);
        bool newHere = _kinds.Add((group, kind)) == 1;
        bool may = _lines.Add(group) <= LinesPerAddress || newHere;
        if (may)
        {
            bool newInAll = _allKinds.Add(kind) == 1;
            may = _allLines.Add(true) <= LinesInAll || newInAll;
        }

        if (!may)
        {
            Interlocked.Increment(ref _leftOut);
            leftOut = 0;
            return false;
        }

        leftOut = Interlocked.Exchange(ref _leftOut, 0);
        return true;
    }

    public bool MayAudit(IPAddress address) =>
        _events.Add(RemoteGroup.Of(address)) <= EventsPerAddress && _allEvents.Add(true) <= EventsInAll;
}
