using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Domain.Schedules;
using ScanEngineAdmin.Storage.Sqlite;

namespace ScanEngineAdmin.Storage.Stores;

internal sealed partial class ConsoleStore
{
    private const string BySchedule = "WHERE name_key = $1";

    public void AddSchedule(ScheduleRecord schedule, AuditEvent? note = null) => Database.WriteData(session =>
    {
        if (schedule.IsPool)
        {
            RequirePool(session, schedule.PairingId);
        }
        else
        {
            RequireEngine(session, schedule.PairingId);
        }

        if (Find(session, schedule.Name) is { } taken)
        {
            throw ScheduleFaults.InUse(taken.Name, schedule.Name);
        }

        if (session.Number("SELECT count(*) FROM schedules") >= ScheduleLimits.MaxSchedules)
        {
            throw ScheduleFaults.TooMany();
        }

        ConsoleTables.Schedules.Insert(session, schedule);
        AddEvent(session, note);
        return true;
    });

    public ScheduleRecord? FindSchedule(string name) => Database.Read(session => Find(session, name));

    public IReadOnlyList<ScheduleRecord> ListSchedules() =>
        Database.Read(session => ConsoleTables.Schedules.List(session, "ORDER BY name_key"));

    public IReadOnlyList<ScheduleRecord> ListScheduleTerms() =>
        Database.Read(session => ConsoleTables.ScheduleTerms.List(session, "ORDER BY name_key"));

    public ScheduleRecord? UpdateSchedule(
        string name, Func<ScheduleRecord, ScheduleRecord> change, Func<ScheduleRecord, AuditEvent?>? note = null) =>
        Database.Write(session =>
        {
            ScheduleRecord? changed = ConsoleTables.Schedules.Change(
                session, BySchedule, [ConsoleTables.NameKey(name)], read => change(read) with { Name = read.Name });
            AddEvent(session, changed is null ? null : note?.Invoke(changed));
            return changed;
        });

    public bool RemoveSchedule(string name, Func<ScheduleRecord, AuditEvent?>? note = null) => Database.Write(session =>
    {
        if (Find(session, name) is not { } schedule)
        {
            return false;
        }

        AddEvent(session, note?.Invoke(schedule));
        return session.Execute($"DELETE FROM schedules {BySchedule}", ConsoleTables.NameKey(name)) > 0;
    });

    public ScheduleStep? StepSchedule(string name, Func<ScheduleRecord, string, bool, ScheduleStep> step) =>
        Database.WriteData(session =>
        {
            if (Find(session, name) is not { } read || session.Text(
                read.IsPool ? $"SELECT name FROM pools {ByPool}" : $"SELECT name FROM engines {ByPairing}",
                read.PairingId) is not { } owner)
            {
                return null;
            }

            // One that is suspended hinders none: nobody runs it, and it may rest for ever.
            bool running = session.Number(
                $"""
                SELECT 1 FROM scans
                WHERE schedule = $1 AND NOT ({Finished}) AND state <> 'Suspended' AND {Present} LIMIT 1
                """,
                read.Name) is not null;
            ScheduleStep made = step(read, owner, running);
            if (made.Schedule != read)
            {
                ConsoleTables.Schedules.Update(session, read, made.Schedule);
            }

            if (made.Scan is { } scan)
            {
                ConsoleTables.Scans.Insert(session, scan);
            }

            foreach (AuditEvent note in made.Notes)
            {
                AddEvent(session, note);
            }

            return made;
        });

    public IReadOnlyList<ScanRecord> ListScheduleRuns(string name, int newest) => Database.Read(session =>
        ConsoleTables.Scans.List(
            session,
            $"""
            WHERE schedule = (SELECT name FROM schedules {BySchedule}) AND state IN ('Completed', 'Stopped')
                AND {Present} ORDER BY id DESC LIMIT $2
            """,
            ConsoleTables.NameKey(name),
            newest));

    private static ScheduleRecord? Find(Session session, string name) =>
        ConsoleTables.Schedules.First(session, BySchedule, ConsoleTables.NameKey(name));
}
