using ScanEngineAdmin.Storage.Sqlite;

namespace ScanEngineAdmin.Storage.Stores;

/// <summary>
/// The console's store. Ids are text, names of states are the enum's own, times and durations are ticks of 100 ns
/// (times in UTC). name_key is the name in upper case: SQLite's NOCASE knows only ASCII.
/// </summary>
internal static class ConsoleSchema
{
    public static Schema Schema { get; } = new(
        "Security Console",
        Schema.ConsoleId,
        [
            NodeSchema.Version1 + Version1,
            Version2,
            ScanTerms,
            NodeSchema.FirewallRequests + AppliedFirewall,
            NodeSchema.SecretUses,
            NodeSchema.Exclusions,
            Room,
            NodeSchema.EventClasses,
            AllowFrom,
            FindingOrigins,
            Suspension,
            Pools,
            Schedules,
            PoolSchedules,
            NodeSchema.Scanners,
            NodeSchema.FirewallAction + PendingChanges,
            EngineWrites,
        ])
    {
        Large = [new LargeTable("findings", ("scan", "unit"), 10_000), new LargeTable("banners", ("id", "id"), 2_000)],
        SettleCopy = """
            DELETE FROM copy.scans WHERE id NOT IN (SELECT id FROM main.scans);
            DELETE FROM copy.findings WHERE scan NOT IN (SELECT id FROM copy.scans);
            DELETE FROM copy.banners WHERE (id >> 24) NOT IN (SELECT id FROM copy.scans);
            DELETE FROM copy.leaving;
            UPDATE copy.scans SET finding_count = (SELECT count(*) FROM copy.findings WHERE scan = copy.scans.id)
                WHERE state IN ('Dispatched', 'Running') AND parent IS NULL;
            """,
    };

    // Findings have the scan's short number instead of its id, and a digit for their state: there are millions. They
    // follow their scan by a trigger: a foreign key would look the scan up for each of them.
    private const string Version1 = """
        CREATE TABLE engines (
            id INTEGER PRIMARY KEY,
            pairing_id TEXT NOT NULL UNIQUE,
            engine_id TEXT UNIQUE,
            name TEXT NOT NULL,
            name_key TEXT NOT NULL UNIQUE,
            address TEXT,
            port INTEGER NOT NULL,
            direction TEXT NOT NULL,
            epoch INTEGER NOT NULL,
            state TEXT NOT NULL,
            pins TEXT NOT NULL,
            observed_fingerprint TEXT,
            approved_by_engine INTEGER NOT NULL,
            observed_address TEXT,
            status TEXT NOT NULL,
            status_detail TEXT NOT NULL,
            last_contact INTEGER,
            next_expected INTEGER,
            version TEXT,
            proposed_direction TEXT,
            registered INTEGER NOT NULL);
        CREATE INDEX engines_pending ON engines (observed_address) WHERE state = 'Pending';

        CREATE TABLE scans (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            scan_id TEXT NOT NULL UNIQUE,
            pairing_id TEXT NOT NULL REFERENCES engines (pairing_id) ON DELETE CASCADE,
            engine_name TEXT NOT NULL,
            request TEXT NOT NULL,
            state TEXT NOT NULL,
            attempt INTEGER NOT NULL,
            queued INTEGER NOT NULL,
            started INTEGER,
            finished INTEGER,
            targets_total INTEGER NOT NULL,
            targets_done INTEGER NOT NULL,
            finding_count INTEGER NOT NULL,
            last_batch INTEGER NOT NULL,
            stop_requested INTEGER NOT NULL,
            detail TEXT NOT NULL);
        CREATE INDEX scans_pairing ON scans (pairing_id);
        CREATE INDEX scans_unfinished ON scans (pairing_id, state) WHERE state IN ('Queued', 'Dispatched', 'Running');

        CREATE TABLE findings (
            scan INTEGER NOT NULL,
            unit INTEGER NOT NULL,
            target TEXT NOT NULL,
            port INTEGER NOT NULL,
            state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 2),
            round_trip INTEGER,
            banner TEXT,
            PRIMARY KEY (scan, unit)) WITHOUT ROWID;
        CREATE TRIGGER findings_go AFTER DELETE ON scans BEGIN
            DELETE FROM findings WHERE scan = OLD.id;
        END;

        CREATE TABLE changes (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            change_id TEXT NOT NULL UNIQUE,
            pairing_id TEXT NOT NULL REFERENCES engines (pairing_id) ON DELETE CASCADE,
            from_direction TEXT NOT NULL,
            to_direction TEXT NOT NULL,
            epoch INTEGER NOT NULL,
            state TEXT NOT NULL,
            detail TEXT NOT NULL,
            fault TEXT,
            acknowledged INTEGER,
            address TEXT,
            port INTEGER,
            console_address TEXT,
            console_port INTEGER,
            timeout INTEGER NOT NULL,
            requested INTEGER NOT NULL,
            decided INTEGER,
            requested_by TEXT NOT NULL);
        CREATE INDEX changes_pairing ON changes (pairing_id);

        """;

    // What an engine said of its direction, and what is wanted of one that cannot be reached.
    private const string Version2 = """
        ALTER TABLE engines ADD COLUMN told_direction TEXT;
        ALTER TABLE engines ADD COLUMN told_epoch INTEGER;
        ALTER TABLE engines ADD COLUMN told_change TEXT;

        CREATE TABLE wishes (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            pairing_id TEXT NOT NULL UNIQUE REFERENCES engines (pairing_id) ON DELETE CASCADE,
            direction TEXT NOT NULL,
            address TEXT,
            port INTEGER,
            console_address TEXT,
            console_port INTEGER,
            timeout INTEGER NOT NULL,
            requested INTEGER NOT NULL,
            requested_by TEXT NOT NULL,
            change_id TEXT,
            attempts INTEGER NOT NULL,
            not_before INTEGER,
            detail TEXT NOT NULL);

        """;

    // What keeps a scan and what ended it, how far it is over all attempts, and what the admin asked for it. Of those
    // that ended before, what can be known.
    private const string ScanTerms = """
        ALTER TABLE scans ADD COLUMN cause TEXT NOT NULL DEFAULT 'None';
        ALTER TABLE scans ADD COLUMN cause_since INTEGER;
        ALTER TABLE scans ADD COLUMN last_interruption TEXT NOT NULL DEFAULT 'None';
        ALTER TABLE scans ADD COLUMN interruptions INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE scans ADD COLUMN engine_boot TEXT;
        ALTER TABLE scans ADD COLUMN cursor INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE scans ADD COLUMN deadline INTEGER;
        ALTER TABLE scans ADD COLUMN deadline_after INTEGER;
        ALTER TABLE scans ADD COLUMN priority TEXT NOT NULL DEFAULT 'Normal';
        ALTER TABLE scans ADD COLUMN max_attempts INTEGER NOT NULL DEFAULT 3;
        ALTER TABLE scans ADD COLUMN failed_attempts INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE scans ADD COLUMN not_before INTEGER;
        UPDATE scans SET cause_since = finished, cause = CASE
            WHEN state = 'Stopped' THEN 'StoppedByUser'
            WHEN detail LIKE 'ScanRefused:%' THEN 'Refused'
            WHEN detail LIKE 'ProtocolViolation:%' THEN 'ProtocolViolation'
            ELSE 'EngineFailed' END
        WHERE state IN ('Stopped', 'Failed');

        """;

    // Which changes are to be followed by the hosts' firewalls, and what the engine said of its own.
    private const string AppliedFirewall = """
        ALTER TABLE engines ADD COLUMN told_applier INTEGER;
        ALTER TABLE changes ADD COLUMN apply_firewall INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE changes ADD COLUMN engine_firewall TEXT;
        ALTER TABLE wishes ADD COLUMN apply_firewall INTEGER NOT NULL DEFAULT 0;

        """;

    // The names that the code has for them.
    private const string PendingChanges = """
        ALTER TABLE wishes RENAME TO pending_changes;

        """;

    // From where an engine may dial, if its admin says it.
    private const string AllowFrom = """
        ALTER TABLE engines ADD COLUMN allow_from TEXT;

        """;

    // Which address a host name had when it was scanned, and when (in milliseconds since 1970: there are millions).
    private const string FindingOrigins = """
        ALTER TABLE findings ADD COLUMN resolved TEXT;
        ALTER TABLE findings ADD COLUMN found INTEGER;

        """;

    // A scan that rests is not finished.
    private const string Suspension = """
        ALTER TABLE scans ADD COLUMN suspension TEXT NOT NULL DEFAULT 'None';
        DROP INDEX scans_unfinished;
        CREATE INDEX scans_unfinished ON scans (pairing_id, state)
            WHERE state IN ('Queued', 'Dispatched', 'Running', 'Suspended');

        """;

    // A scan of a pool has the pool's id in place of an engine's, and parts that are scans to their engines. What they
    // find is the scan's, with the part that found it. A pool goes without its scans, as an engine's row does.
    private const string Pools = """
        CREATE TABLE pools (
            id INTEGER PRIMARY KEY,
            pool_id TEXT NOT NULL UNIQUE,
            name TEXT NOT NULL,
            name_key TEXT NOT NULL UNIQUE,
            away_after INTEGER NOT NULL,
            created INTEGER NOT NULL);
        CREATE TABLE pool_members (
            pool_id TEXT NOT NULL REFERENCES pools (pool_id) ON DELETE CASCADE,
            pairing_id TEXT NOT NULL REFERENCES engines (pairing_id) ON DELETE CASCADE,
            PRIMARY KEY (pool_id, pairing_id)) WITHOUT ROWID;
        CREATE INDEX pool_members_engine ON pool_members (pairing_id);

        ALTER TABLE scans ADD COLUMN pool INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE scans ADD COLUMN parent TEXT;
        ALTER TABLE scans ADD COLUMN first_unit INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE scans ADD COLUMN part_units INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE scans ADD COLUMN part_from INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE scans ADD COLUMN round INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE scans ADD COLUMN lease INTEGER;
        ALTER TABLE scans ADD COLUMN max_rate INTEGER NOT NULL DEFAULT 0;
        CREATE INDEX scans_parts ON scans (parent) WHERE parent IS NOT NULL;
        CREATE INDEX scans_pools ON scans (pairing_id) WHERE pool <> 0;
        ALTER TABLE findings ADD COLUMN part INTEGER;

        """;

    // What is scanned by itself, and whose run a scan is. A schedule goes with its engine; its runs keep its name.
    private const string Schedules = """
        CREATE TABLE schedules (
            name TEXT NOT NULL,
            name_key TEXT NOT NULL PRIMARY KEY,
            pairing_id TEXT NOT NULL REFERENCES engines (pairing_id) ON DELETE CASCADE,
            cron TEXT NOT NULL,
            time_zone TEXT NOT NULL,
            start_date TEXT,
            end_date TEXT,
            max_duration INTEGER,
            black_out TEXT NOT NULL,
            missed TEXT NOT NULL,
            overlap TEXT NOT NULL,
            enabled INTEGER NOT NULL,
            targets_total INTEGER NOT NULL,
            priority TEXT NOT NULL,
            max_attempts INTEGER NOT NULL,
            created INTEGER NOT NULL,
            next INTEGER,
            waiting INTEGER,
            last_due INTEGER,
            last_scan TEXT,
            compared_scan TEXT,
            runs INTEGER NOT NULL,
            skipped INTEGER NOT NULL,
            detail TEXT NOT NULL,
            request TEXT NOT NULL);

        ALTER TABLE scans ADD COLUMN schedule TEXT;
        ALTER TABLE scans ADD COLUMN resumed INTEGER;
        CREATE INDEX scans_schedule ON scans (schedule, id) WHERE schedule IS NOT NULL;

        """;

    // A schedule of a pool goes with the pool, as one of an engine with the engine: so by a trigger each.
    private const string PoolSchedules = """
        ALTER TABLE schedules ADD COLUMN pool INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE schedules ADD COLUMN on_limit TEXT NOT NULL DEFAULT 'Stop';
        CREATE TRIGGER engines_schedules_go AFTER DELETE ON engines BEGIN
            DELETE FROM schedules WHERE pairing_id = OLD.pairing_id;
        END;
        CREATE TRIGGER pools_schedules_go AFTER DELETE ON pools BEGIN
            DELETE FROM schedules WHERE pairing_id = OLD.pool_id;
        END;

        PRAGMA writable_schema = ON;
        UPDATE sqlite_master SET sql = replace(sql, ' REFERENCES engines (pairing_id) ON DELETE CASCADE', '')
            WHERE type = 'table' AND name = 'schedules';
        PRAGMA writable_schema = RESET;

        """;

    // What a link to an engine has to hear of; contacts, which are most of what is written there, do not count.
    private const string EngineWrites = """
        CREATE TABLE engine_writes (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            count INTEGER NOT NULL);
        INSERT INTO engine_writes (id, count) VALUES (1, 0);
        CREATE TRIGGER engines_added AFTER INSERT ON engines BEGIN
            UPDATE engine_writes SET count = count + 1;
        END;
        CREATE TRIGGER engines_removed AFTER DELETE ON engines BEGIN
            UPDATE engine_writes SET count = count + 1;
        END;
        CREATE TRIGGER engines_changed AFTER UPDATE OF address, port, direction, epoch, state, pins ON engines BEGIN
            UPDATE engine_writes SET count = count + 1;
        END;

        """;

    // Banners are apart: in the table of the findings one of a kilobyte takes a page of its own. Their number is the
    // scan's and the unit's, which has less than 24 bits. What is removed leaves in small steps, so no removal reaches
    // further than its row: the scans of an engine that is gone, and the findings of a scan that is gone, wait in a
    // list. That is why the reference to the engine goes, which would take the scans along (SQLite's own way to drop
    // one without rewriting the table). How much an engine stored before is estimated.
    private const string Room = """
        CREATE TABLE banners (
            id INTEGER PRIMARY KEY,
            banner TEXT NOT NULL);

        CREATE TABLE leaving (
            scan INTEGER PRIMARY KEY);
        CREATE TABLE leaving_engines (
            pairing_id TEXT PRIMARY KEY) WITHOUT ROWID;
        CREATE TABLE usage (
            pairing_id TEXT PRIMARY KEY,
            bytes INTEGER NOT NULL DEFAULT 0,
            quota INTEGER) WITHOUT ROWID;

        ALTER TABLE scans ADD COLUMN stored_bytes INTEGER NOT NULL DEFAULT 0;
        UPDATE scans SET stored_bytes = finding_count * 48;
        INSERT INTO usage (pairing_id, bytes) SELECT pairing_id, sum(stored_bytes) FROM scans GROUP BY pairing_id;
        CREATE INDEX scans_finished ON scans (finished) WHERE state IN ('Completed', 'Failed', 'Stopped');

        DROP TRIGGER findings_go;
        CREATE TRIGGER scans_go AFTER DELETE ON scans BEGIN
            INSERT OR IGNORE INTO leaving (scan)
                SELECT OLD.id WHERE EXISTS (SELECT 1 FROM findings WHERE scan = OLD.id);
            UPDATE usage SET bytes = max(0, bytes - OLD.stored_bytes) WHERE pairing_id = OLD.pairing_id;
        END;
        CREATE TRIGGER engines_go AFTER DELETE ON engines BEGIN
            DELETE FROM usage WHERE pairing_id = OLD.pairing_id;
            INSERT OR IGNORE INTO leaving_engines (pairing_id)
                SELECT OLD.pairing_id WHERE EXISTS (SELECT 1 FROM scans WHERE pairing_id = OLD.pairing_id);
        END;

        PRAGMA writable_schema = ON;
        UPDATE sqlite_master SET sql = replace(sql, ' REFERENCES engines (pairing_id) ON DELETE CASCADE', '')
            WHERE type = 'table' AND name = 'scans';
        PRAGMA writable_schema = RESET;

        """;
}
