using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Storage.Sqlite;

namespace ScanEngineAdmin.Storage.Stores;

/// <summary>The Security Console's store in SQLite, by theme in the files beside this one.</summary>
internal sealed partial class ConsoleStore(Database database) : NodeStore(database), IConsoleStore
{
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
