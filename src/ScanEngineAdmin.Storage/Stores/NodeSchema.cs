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
}
