using Microsoft.Data.Sqlite;
using SQLitePCL;
using static SQLitePCL.raw;

namespace ScanEngineAdmin.Storage.Sqlite;

/// <summary>
/// A statement that is run for thousands of rows: its values are bound directly, without an object for each.
/// </summary>
internal sealed class BoundStatement : IDisposable
{
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;

    public BoundStatement(sqlite3 database, string sql)
    {
        _database = database;
        Check(sqlite3_prepare_v2(database, sql, out _statement));
    }

    public BoundStatement Bind(int place, long value)
    {
        Check(sqlite3_bind_int64(_statement, place, value));
        return this;
    }

    public BoundStatement Bind(int place, long? value)
    {
        Check(value is { } number
            ? sqlite3_bind_int64(_statement, place, number)
            : sqlite3_bind_null(_statement, place));
        return this;
    }

    public BoundStatement Bind(int place, string value)
    {
        Check(sqlite3_bind_text(_statement, place, value));
        return this;
    }

    public BoundStatement BindText(int place, string? value)
    {
        Check(value is null ? sqlite3_bind_null(_statement, place) : sqlite3_bind_text(_statement, place, value));
        return this;
    }

    /// <summary>The rows that it changed.</summary>
    public int Run()
    {
        int result = sqlite3_step(_statement);
        int changed = result == SQLITE_DONE ? sqlite3_changes(_database) : 0;

        // Says the error of the step again, with its extended code.
        int reset = sqlite3_reset(_statement);
        Check(result == SQLITE_DONE ? SQLITE_OK : reset == SQLITE_OK ? result : reset);
        return changed;
    }

    public void Dispose() => _statement.Dispose();

    private void Check(int result)
    {
        if (result != SQLITE_OK)
        {
            SqliteException.ThrowExceptionForRC(result, _database);
        }
    }
}
