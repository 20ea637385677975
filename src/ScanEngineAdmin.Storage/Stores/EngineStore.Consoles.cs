using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Storage.Sqlite;

namespace ScanEngineAdmin.Storage.Stores;

internal sealed partial class EngineStore
{
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
        Database.Write(session => EngineTables.Consoles.Change(session, ByPairing, [pairingId], console =>
        {
            ConsoleRecord changed = change(console) with { PairingId = pairingId };
            RequireUnique(session, changed);
            return changed;
        }));

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

        var waiting = new PendingPairings("consoles", "console_id", capPerAddress, capInAll);
        Database.Write(session =>
        {
            waiting.Add(
                session,
                console.PairingId,
                console.ConsoleId,
                console.ObservedAddress,
                to => InsertConsole(to, console));
            return true;
        });
    }

    public bool RemoveConsole(Guid pairingId) =>
        RemoveThenCleanUp("DELETE FROM consoles WHERE pairing_id = $1", pairingId);

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
