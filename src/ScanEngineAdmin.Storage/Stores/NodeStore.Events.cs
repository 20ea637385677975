using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Storage.Sqlite;

namespace ScanEngineAdmin.Storage.Stores;

/// <summary>
/// The audit trail. Its bounds are here, where every event passes: no peer writes more than so many an hour whatever
/// part of a node it makes write, and none pushes out what admins did.
/// </summary>
internal abstract partial class NodeStore
{
    private const string LastNote =
        " (Within the hour no more is written about this: the same is done without end.)";

    private const int MostRead = 1000;

    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    public void AddEvent(AuditEvent auditEvent) => Database.Write(session => AddEvent(session, auditEvent));

    public IReadOnlyList<AuditEvent> ListEvents(int newest) =>
        Database.Read(session => NodeTables.Events.List(session, "ORDER BY id DESC LIMIT $1", Math.Max(0, newest)));

    public (IReadOnlyList<AuditEvent> Events, long Place) ReadEvents(long? after) => Database.Read(session =>
    {
        if (after is not { } place)
        {
            return ((IReadOnlyList<AuditEvent>)[], session.Number("SELECT max(id) FROM events") ?? 0);
        }

        long end = session.Number(
            "SELECT max(id) FROM (SELECT id FROM events WHERE id > $1 ORDER BY id LIMIT $2)", place, MostRead) ?? place;
        return (NodeTables.Events.List(session, "WHERE id > $1 AND id <= $2 ORDER BY id", place, end), end);
    });

    /// <summary>In the transaction of what it notes; false if there is nothing to note, or nothing more.</summary>
    protected bool AddEvent(Session session, AuditEvent? auditEvent)
    {
        if (auditEvent is null)
        {
            return false;
        }

        StoreOptions options = Database.Options;
        int hourly = auditEvent.Class switch
        {
            AuditClass.Peer => options.PeerEventsPerHour,
            AuditClass.Stranger => options.StrangerEventsPerHour,
            _ => 0,
        };
        if (hourly > 0)
        {
            if (IsRecent(session, auditEvent, hourly))
            {
                return false;
            }

            if (hourly > 1 && IsRecent(session, auditEvent, hourly - 1))
            {
                auditEvent = auditEvent with { Detail = auditEvent.Detail + LastNote };
            }
        }

        NodeTables.Events.Insert(session, auditEvent);
        session.Execute(
            "DELETE FROM events WHERE class = $1 AND id <= "
                + "(SELECT id FROM events WHERE class = $1 ORDER BY id DESC LIMIT 1 OFFSET $2)",
            auditEvent.Class,
            options.KeptEvents);
        if (auditEvent.Class == AuditClass.Peer)
        {
            session.Execute(
                "DELETE FROM events WHERE class = 'Peer' AND pairing_id IS $1 AND id <= (SELECT id FROM events "
                    + "WHERE class = 'Peer' AND pairing_id IS $1 ORDER BY id DESC LIMIT 1 OFFSET $2)",
                auditEvent.PairingId,
                options.KeptEventsPerPeer);
        }

        return true;
    }

    /// <summary>Whether the event that is so many before this one was written within the hour.</summary>
    private static bool IsRecent(Session session, AuditEvent auditEvent, int before)
    {
        long? ticks = auditEvent.Class == AuditClass.Peer
            ? session.Number(
                "SELECT time FROM events WHERE class = 'Peer' AND pairing_id IS $1 ORDER BY id DESC LIMIT 1 OFFSET $2",
                auditEvent.PairingId,
                before - 1)
            : session.Number(
                "SELECT time FROM events WHERE class = $1 ORDER BY id DESC LIMIT 1 OFFSET $2",
                auditEvent.Class,
                before - 1);

        // A clock that was set back must not silence the trail.
        return ticks is { } time && auditEvent.Time - new DateTimeOffset(time, TimeSpan.Zero) is var age
            && age >= TimeSpan.Zero && age < Hour;
    }
}
