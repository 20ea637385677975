using ScanEngineAdmin.Storage.Sqlite;

namespace ScanEngineAdmin.Storage.Stores;

/// <summary>The engine's store; written the same way as the console's.</summary>
internal static class EngineSchema
{
    public static Schema Schema { get; } = new(
        "Scan Engine",
        Schema.EngineId,
        [
            NodeSchema.Version1 + Version1,
            ScanDeadline,
            NodeSchema.FirewallRequests,
            NodeSchema.SecretUses,
            NodeSchema.Exclusions,
            Room,
            NodeSchema.EventClasses,
            NodeSchema.FindingOrigins,
            Leases,
            Suspensions,
            NodeSchema.Scanners,
            NodeSchema.FirewallAction,
        ])
    {
        Large = [new LargeTable("spool", ("scan", "number"), 64)],
        SettleCopy = """
            DELETE FROM copy.scans WHERE id NOT IN (SELECT id FROM main.scans);
            DELETE FROM copy.spool WHERE scan NOT IN (SELECT id FROM copy.scans);
            DELETE FROM copy.leaving;
            UPDATE copy.scans SET
                last_batch = max(last_batch, coalesce((SELECT max(number) FROM copy.spool WHERE scan = id), 0));
            UPDATE copy.scans SET acknowledged_batch = max(
                acknowledged_batch, coalesce((SELECT min(number) - 1 FROM copy.spool WHERE scan = id), last_batch));
            UPDATE copy.spool_size SET bytes = (SELECT coalesce(sum(length(batch)), 0) FROM copy.spool);
            """,
    };

    // The size of the spool is kept by triggers: it is asked for with every batch, and no removal passes them by.
    private const string Version1 = """
        CREATE TABLE consoles (
            id INTEGER PRIMARY KEY,
            pairing_id TEXT NOT NULL UNIQUE,
            console_id TEXT UNIQUE,
            name TEXT NOT NULL,
            engine_name TEXT NOT NULL,
            state TEXT NOT NULL,
            direction TEXT NOT NULL,
            epoch INTEGER NOT NULL,
            pins TEXT NOT NULL,
            address TEXT,
            port INTEGER NOT NULL,
            observed_address TEXT,
            poll_interval INTEGER NOT NULL,
            change_id TEXT,
            change_to TEXT,
            change_epoch INTEGER,
            change_address TEXT,
            change_port INTEGER,
            proposed_direction TEXT,
            first_seen INTEGER NOT NULL,
            last_seen INTEGER,
            last_poll INTEGER,
            next_poll INTEGER,
            consecutive_failures INTEGER NOT NULL,
            last_error TEXT,
            connected INTEGER NOT NULL);
        CREATE INDEX consoles_pending ON consoles (observed_address) WHERE state = 'Pending';

        CREATE TABLE scans (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            pairing_id TEXT NOT NULL REFERENCES consoles (pairing_id) ON DELETE CASCADE,
            scan_id TEXT NOT NULL,
            attempt INTEGER NOT NULL,
            request TEXT NOT NULL,
            state TEXT NOT NULL,
            cursor INTEGER NOT NULL,
            last_batch INTEGER NOT NULL,
            acknowledged_batch INTEGER NOT NULL,
            stop_requested INTEGER NOT NULL,
            accepted INTEGER NOT NULL,
            UNIQUE (pairing_id, scan_id));

        CREATE TABLE spool (
            scan INTEGER NOT NULL REFERENCES scans (id) ON DELETE CASCADE,
            number INTEGER NOT NULL,
            batch BLOB NOT NULL,
            UNIQUE (scan, number));
        CREATE TABLE spool_size (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            bytes INTEGER NOT NULL);
        INSERT INTO spool_size VALUES (1, 0);
        CREATE TRIGGER spool_grows AFTER INSERT ON spool BEGIN
            UPDATE spool_size SET bytes = bytes + length(NEW.batch);
        END;
        CREATE TRIGGER spool_shrinks AFTER DELETE ON spool BEGIN
            UPDATE spool_size SET bytes = bytes - length(OLD.batch);
        END;

        """;

    // When a scan has to end by itself, by this host's clock.
    private const string ScanDeadline = """
        ALTER TABLE scans ADD COLUMN deadline INTEGER;

        """;

    // What another engine is given when its time here is over.
    private const string Leases = """
        ALTER TABLE scans ADD COLUMN leased INTEGER NOT NULL DEFAULT 0;

        """;

    // A stop after which another attempt goes on.
    private const string Suspensions = """
        ALTER TABLE scans ADD COLUMN goes_on INTEGER NOT NULL DEFAULT 0;

        """;

    // As at the console: what is removed leaves in small steps. A console that is gone takes its scans along, since an
    // engine holds few; their spools wait in a list.
    private const string Room = """
        CREATE TABLE leaving (
            scan INTEGER PRIMARY KEY);
        CREATE TRIGGER scans_go AFTER DELETE ON scans BEGIN
            INSERT OR IGNORE INTO leaving (scan)
                SELECT OLD.id WHERE EXISTS (SELECT 1 FROM spool WHERE scan = OLD.id);
        END;

        PRAGMA writable_schema = ON;
        UPDATE sqlite_master SET sql = replace(sql, ' REFERENCES scans (id) ON DELETE CASCADE', '')
            WHERE type = 'table' AND name = 'spool';
        PRAGMA writable_schema = RESET;

        """;
}
