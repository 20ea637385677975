using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Storage.Sqlite;

namespace ScanEngineAdmin.Storage.Stores;

internal sealed partial class EngineStore
{
    private const string ByPairing = "WHERE pairing_id = $1";

    public IReadOnlyList<ConsoleRecord> ListConsoles() =>
        Database.Read(session => EngineTables.Consoles.List(session, "ORDER BY id"));

    public ConsoleRecord? GetConsole(Guid pairingId) =>
        Database.Read(session => EngineTables.Consoles.First(session, ByPairing, pairingId));

    public void AddConsole(ConsoleRecord console) => Database.Write(session =>
    {
        InsertConsole(session, console);
        return true;
    });

    public ConsoleRecord? UpdateConsole(Guid pairingId, Func<ConsoleRecord, ConsoleRecord> change) =>
        Database.Write(session =>
        {
            ConsoleRecord? console = EngineTables.Consoles.First(session, ByPairing, pairingId);
            if (console is null)
            {
                return null;
            }

            ConsoleRecord changed = change(console) with { PairingId = pairingId };
            RequireUnique(session, changed);
            EngineTables.Consoles.Update(session, console, changed);
            return changed;
        });

    public ConsoleRecord PutConsole(
        Guid pairingId, IReadOnlyCollection<Guid> former, Func<ConsoleRecord?, ConsoleRecord> put) =>
        Database.Write(session =>
        {
            foreach (Guid gone in former.Where(one => one != pairingId))
            {
                session.Execute("DELETE FROM consoles WHERE pairing_id = $1", gone);
            }

            ConsoleRecord? there = EngineTables.Consoles.First(session, ByPairing, pairingId);
            ConsoleRecord console = put(there) with { PairingId = pairingId };
            RequireUnique(session, console);
            if (there is null)
            {
                EngineTables.Consoles.Insert(session, console);
            }
            else
            {
                EngineTables.Consoles.Update(session, there, console);
            }

            return console;
        });

    public void AddPendingConsole(ConsoleRecord console, int capPerAddress, int capInAll)
    {
        if (console.State != ConsoleState.Pending)
        {
            throw new ArgumentException("Only a pending console counts against the caps.", nameof(console));
        }

        Database.Write(session =>
        {
            // One that dials again takes the place of its own earlier try; the order of arrival decides what is oldest.
            session.Execute(
                "DELETE FROM consoles WHERE state = 'Pending' AND (pairing_id = $1 OR console_id = $2)",
                console.PairingId,
                console.ConsoleId);
            InsertConsole(session, console);
            session.Execute(
                """
                DELETE FROM consoles WHERE id IN (
                    SELECT id FROM consoles WHERE state = 'Pending' AND observed_address IS $1
                    ORDER BY id DESC LIMIT -1 OFFSET $2)
                """,
                console.ObservedAddress,
                Math.Max(0, capPerAddress));
            foreach (long leaving in PendingNetworks.Leaving(
                session.List(
                    "SELECT id, observed_address FROM consoles WHERE state = 'Pending' ORDER BY id",
                    row => (row.Long(), row.TextOrNull())),
                Math.Max(0, capInAll)))
            {
                session.Execute("DELETE FROM consoles WHERE id = $1", leaving);
            }

            return true;
        });
    }

    public bool RemoveConsole(Guid pairingId)
    {
        bool gone = Database.Write(session =>
            session.Execute("DELETE FROM consoles WHERE pairing_id = $1", pairingId)) > 0;
        CleanUpSome();
        return gone;
    }

    private static void InsertConsole(Session session, ConsoleRecord console)
    {
        if (session.Number("SELECT 1 FROM consoles WHERE pairing_id = $1", console.PairingId) is not null)
        {
            throw Conflict($"The pairing id {console.PairingId} is taken here already.", console);
        }

        RequireUnique(session, console);
        EngineTables.Consoles.Insert(session, console);
    }

    private static void RequireUnique(Session session, ConsoleRecord console)
    {
        long? other = session.Number(
            "SELECT 1 FROM consoles WHERE console_id = $1 AND pairing_id <> $2", console.ConsoleId, console.PairingId);
        if (other is not null)
        {
            throw Conflict($"The console {console.ConsoleId} has another pairing with this engine already.", console);
        }
    }

    private static ScanEngineException Conflict(string message, ConsoleRecord console) => new(
        FaultCode.IdentityConflict,
        message,
        "See the consoles this engine knows with Get-EngineConsole; remove the earlier pairing before a new one.",
        console.ConsoleId?.ToString() ?? console.PairingId.ToString());
}
