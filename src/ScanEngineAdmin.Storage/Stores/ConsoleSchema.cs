using ScanEngineAdmin.Storage.Sqlite;

namespace ScanEngineAdmin.Storage.Stores;

/// <summary>
/// The console's store. Ids are text, names of states are the enum's own, times and durations are ticks of 100 ns
/// (times in UTC). name_key is the name in upper case: SQLite's NOCASE knows only ASCII.
/// </summary>
internal static class ConsoleSchema
{
    public static Schema Schema { get; } =
        new(
        "Security Console",
        Schema.ConsoleId,
        [
            NodeSchema.Version1 + Version1, Version2, NodeSchema.FirewallRequests + AppliedFirewall,
        ]);

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

    // Which changes are to be followed by the hosts' firewalls, and what the engine said of its own.
    private const string AppliedFirewall = """
        ALTER TABLE engines ADD COLUMN told_applier INTEGER;
        ALTER TABLE changes ADD COLUMN apply_firewall INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE changes ADD COLUMN engine_firewall TEXT;
        ALTER TABLE wishes ADD COLUMN apply_firewall INTEGER NOT NULL DEFAULT 0;

        """;
}
