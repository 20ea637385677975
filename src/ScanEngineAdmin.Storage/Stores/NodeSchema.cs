namespace ScanEngineAdmin.Storage.Stores;

/// <summary>The tables that both kinds of store begin with.</summary>
internal static class NodeSchema
{
    public const string Version1 = """
        CREATE TABLE node (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            boot_id TEXT NOT NULL,
            process_id INTEGER NOT NULL,
            hosted_by TEXT NOT NULL,
            end_point TEXT,
            last_error TEXT,
            started INTEGER NOT NULL,
            stop_requested TEXT);

        CREATE TABLE settings (
            key TEXT PRIMARY KEY,
            value TEXT NOT NULL) WITHOUT ROWID;

        CREATE TABLE secrets (
            id INTEGER PRIMARY KEY,
            secret_id TEXT NOT NULL UNIQUE,
            stored_key BLOB NOT NULL,
            server_key BLOB NOT NULL,
            created INTEGER NOT NULL,
            expires_at INTEGER NOT NULL,
            engine_name TEXT,
            single_use INTEGER NOT NULL,
            uses INTEGER NOT NULL,
            used_by TEXT,
            revoked INTEGER);

        CREATE TABLE events (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            time INTEGER NOT NULL,
            event TEXT NOT NULL,
            pairing_id TEXT,
            subject TEXT NOT NULL,
            actor TEXT NOT NULL,
            detail TEXT NOT NULL);

        """;

    /// <summary>
    /// Secrets are used by keys, which are no claim; and those thrown out are remembered with the newest secret that
    /// there was: order, unlike a clock, is not set back.
    /// </summary>
    public const string SecretUses = """
        ALTER TABLE secrets ADD COLUMN max_uses INTEGER NOT NULL DEFAULT 20;
        ALTER TABLE secrets ADD COLUMN refused INTEGER NOT NULL DEFAULT 0;
        UPDATE secrets SET max_uses = CASE WHEN single_use <> 0 OR engine_name IS NOT NULL THEN max(1, uses)
            ELSE max(20, uses) END;
        ALTER TABLE secrets DROP COLUMN single_use;
        ALTER TABLE secrets DROP COLUMN used_by;
        CREATE TABLE secret_uses (
            secret_id TEXT NOT NULL REFERENCES secrets (secret_id) ON DELETE CASCADE,
            fingerprint TEXT NOT NULL,
            node_id TEXT NOT NULL,
            seen INTEGER NOT NULL,
            PRIMARY KEY (secret_id, fingerprint)) WITHOUT ROWID;
        CREATE INDEX secret_uses_key ON secret_uses (fingerprint);
        CREATE INDEX secret_uses_node ON secret_uses (node_id);
        CREATE TABLE expelled_keys (
            fingerprint TEXT PRIMARY KEY,
            last_secret INTEGER NOT NULL) WITHOUT ROWID;

        """;

    // A scan's request may say what it excludes, which an older program would pass over and scan: it must not open the
    // store any more. Nothing else changes.
    public const string Exclusions = "SELECT 1;";

    /// <summary>
    /// Spooled findings have addresses and times, in a form that an older program takes for damaged: it must not open
    /// the store any more. Nothing else changes.
    /// </summary>
    public const string FindingOrigins = "SELECT 1;";

    /// <summary>
    /// A scan says what scans. An older program would scan with what it has: it must not open the store any more.
    /// Nothing else changes.
    /// </summary>
    public const string Scanners = "SELECT 1;";

    /// <summary>
    /// Each class of events is kept by itself. Of those written before only the names tell; what is no refusal is kept
    /// with what admins did.
    /// </summary>
    public const string EventClasses = """
        ALTER TABLE events ADD COLUMN class TEXT NOT NULL DEFAULT 'Admin';
        UPDATE events SET class = 'Stranger' WHERE event IN ('PeerRefused', 'PairingRefused', 'ApprovalAsked');
        CREATE INDEX events_class ON events (class, id);
        CREATE INDEX events_peer ON events (pairing_id, id) WHERE class = 'Peer';

        """;

    /// <summary>What a node asks of its host's firewall applier, and what became of it.</summary>
    public const string FirewallRequests = """
        CREATE TABLE firewall_requests (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            change_id TEXT NOT NULL UNIQUE,
            pairing_id TEXT NOT NULL,
            wish TEXT NOT NULL,
            lifetime INTEGER NOT NULL,
            number INTEGER NOT NULL,
            asked INTEGER NOT NULL,
            state TEXT NOT NULL,
            answered INTEGER,
            fault TEXT,
            detail TEXT NOT NULL,
            recommendation TEXT NOT NULL,
            rollback_at INTEGER,
            rules TEXT NOT NULL);
        CREATE INDEX firewall_requests_due ON firewall_requests (id) WHERE wish = 'Open' OR state <> 'Done';

        """;

    /// <summary>The name that the code has for the column.</summary>
    public const string FirewallAction = """
        ALTER TABLE firewall_requests RENAME COLUMN wish TO action;

        """;
}
