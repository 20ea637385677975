using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Status;

/// <summary>Reads what a frame is made of.</summary>
internal static class StatusReader
{
    public const int Events = 10;

    // Enough that some of the engines that are shown are among them.
    private const int EventsRead = 200;

    /// <param name="admin">The console's data.</param>
    /// <param name="engines">The engines to show.</param>
    /// <param name="all">Whether they are all: scans of pools and events of no engine are shown too.</param>
    public static StatusSource Read(ConsoleAdmin admin, IReadOnlyList<EngineRecord> engines, bool all)
    {
        HashSet<Guid> shown = [.. engines.Select(static engine => engine.PairingId)];
        return new StatusSource
        {
            Topology = TopologyReader.Read(admin, engines, all),
            Running = admin.Store.CountRunningScans(),
            Scans =
            [
                .. admin.Store.ListScans(unfinishedOnly: true)
                    .Where(scan => scan.ParentId is null && (all || shown.Contains(scan.PairingId)))
                    .OrderBy(static scan => scan.State == ScanState.Running ? 0 : 1).ThenBy(static scan => scan.Queued),
            ],
            Events =
            [
                .. admin.Store.ListEvents(all ? Events : EventsRead)
                    .Where(happened => all || (happened.PairingId is { } id && shown.Contains(id)))
                    .OrderByDescending(static happened => happened.Time).Take(Events),
            ],
        };
    }
}
