using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Storage.Sqlite;

namespace ScanEngineAdmin.Storage.Stores;

/// <summary>The Security Console's store in SQLite, by theme in the files beside this one.</summary>
internal sealed partial class ConsoleStore(Database database) : NodeStore(database), IConsoleStore
{
    /// <summary>Also that every row can be read by which this console works.</summary>
    public override void Check()
    {
        base.Check();
        Database.Read(session =>
        {
            _ = ConsoleTables.Engines.List(session, string.Empty);
            _ = ConsoleTables.Scans.List(session, string.Empty);
            _ = ConsoleTables.Pools.List(session, string.Empty);
            _ = ConsoleTables.Schedules.List(session, string.Empty);
            _ = ConsoleTables.Changes.List(session, string.Empty);
            return ConsoleTables.PendingChanges.List(session, string.Empty);
        });
    }

    private static ScanEngineException NoEngine(Guid pairingId) => new(
        FaultCode.EngineNotFound,
        $"There is no engine with the pairing id {pairingId} (any more).",
        "See the engines there are with Get-ScanEngine.",
        pairingId.ToString());

    private static void RequireEngine(Session session, Guid pairingId)
    {
        if (session.Number("SELECT 1 FROM engines WHERE pairing_id = $1", pairingId) is null)
        {
            throw NoEngine(pairingId);
        }
    }
}
