using SQLitePCL;
using static SQLitePCL.raw;

namespace ScanEngineAdmin.Benchmarks.Fleet;

/// <summary>The limit of a store: SQLite as it is, as durable as the product's, a bound statement in a loop.</summary>
internal sealed class PlainStore : IDisposable
{
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _insert;
    private long _scan;

    public PlainStore(string folder)
    {
        Batteries_V2.Init();
        string file = Path.Combine(folder, FormattableString.Invariant($"plain-{Guid.NewGuid():N}.db"));
        Check(sqlite3_open(file, out _database));
        Run("PRAGMA journal_mode = WAL");
        Run("PRAGMA synchronous = FULL");
        Run("CREATE TABLE findings (scan INTEGER NOT NULL, unit INTEGER NOT NULL, target TEXT NOT NULL, "
            + "port INTEGER NOT NULL, state INTEGER NOT NULL, round_trip INTEGER, "
            + "PRIMARY KEY (scan, unit)) WITHOUT ROWID");
        Check(sqlite3_prepare_v2(_database, "INSERT INTO findings VALUES (?1, ?2, ?3, ?4, ?5, ?6)", out _insert));
    }

    /// <summary>So many rows, so many in a transaction.</summary>
    public void Insert(int rows, int each)
    {
        _scan++;
        for (int row = 0; row < rows;)
        {
            Run("BEGIN IMMEDIATE");
            for (int end = Math.Min(rows, row + each); row < end; row++)
            {
                sqlite3_bind_int64(_insert, 1, _scan);
                sqlite3_bind_int64(_insert, 2, row);
                sqlite3_bind_text(_insert, 3, "192.0.2.1");
                sqlite3_bind_int64(_insert, 4, (row % 65535) + 1);
                sqlite3_bind_int64(_insert, 5, 1);
                sqlite3_bind_int64(_insert, 6, 12345);
                if (sqlite3_step(_insert) != SQLITE_DONE)
                {
                    throw new InvalidOperationException(sqlite3_errmsg(_database).utf8_to_string());
                }

                sqlite3_reset(_insert);
            }

            Run("COMMIT");
        }
    }

    public void Dispose()
    {
        _insert.Dispose();
        _database.Dispose();
    }

    private void Run(string sql) => Check(sqlite3_exec(_database, sql));

    private void Check(int result)
    {
        if (result is not (SQLITE_OK or SQLITE_ROW or SQLITE_DONE))
        {
            throw new InvalidOperationException(sqlite3_errmsg(_database).utf8_to_string());
        }
    }
}
