using System.Text.Json;
using Microsoft.Data.Sqlite;
using ScanEngineAdmin.Channel;

namespace ScanEngineAdmin.Storage.Sqlite;

/// <summary>One connection with the statements prepared on it. Used by one thread at a time.</summary>
internal sealed class Session : IDisposable
{
    // More than the longest list of targets: a store may be hostile, and a text is read as a whole.
    private const int LongestText = 64 * 1024 * 1024;

    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, SqliteCommand> _prepared = new(StringComparer.Ordinal);
    private readonly Dictionary<string, BoundStatement> _bound = new(StringComparer.Ordinal);

    private Session(SqliteConnection connection, string path)
    {
        _connection = connection;
        Path = path;
    }

    public string Path { get; }

    public SQLitePCL.sqlite3 Handle => _connection.Handle!;

    public bool InTransaction => SQLitePCL.raw.sqlite3_get_autocommit(_connection.Handle) == 0;

    /// <summary>Rows that this connection has changed since it was opened.</summary>
    public int Changes => SQLitePCL.raw.sqlite3_total_changes(_connection.Handle);

    public bool IsReadOnlyFile => SQLitePCL.raw.sqlite3_db_readonly(_connection.Handle, "main") == 1;

    public static Session Open(string path, TimeSpan busyTimeout)
    {
        // The library's pool would keep file handles open after the store was disposed.
        SqliteConnection connection = new(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = SqliteOpenMode.ReadWrite,
            Pooling = false,
        }.ToString())
        {
            // A negative timeout switches off the library's retry loop, which sleeps 150 ms at a time: SQLite's own
            // busy handler is what waits. Not in the connection string, whose numbers the library reads by the
            // culture: 44 cultures have another minus sign.
            DefaultTimeout = -1,
        };
        try
        {
            connection.Open();
            _ = SQLitePCL.raw.sqlite3_limit(connection.Handle, SQLitePCL.raw.SQLITE_LIMIT_LENGTH, LongestText);
            Session session = new(connection, path);
            session.Run(FormattableString.Invariant($"PRAGMA busy_timeout = {(long)busyTimeout.TotalMilliseconds}"));

            // fullfsync: on macOS a plain fsync does not reach the platter, and what is acknowledged must be there.
            session.Run("""
                PRAGMA foreign_keys = ON;
                PRAGMA trusted_schema = OFF;
                PRAGMA synchronous = FULL;
                PRAGMA fullfsync = ON;
                PRAGMA checkpoint_fullfsync = ON;
                PRAGMA journal_size_limit = 4194304;
                """);
            return session;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Runs statements that are not worth keeping prepared.</summary>
    public void Run(string sql)
    {
        using SqliteCommand command = _connection.CreateCommand();
        command.CommandText = sql;

        // Step by step: ExecuteNonQuery swallows the errors of whatever follows a statement that returns rows.
        using SqliteDataReader reader = command.ExecuteReader();
        while (reader.NextResult())
        {
        }
    }

    /// <summary>Runs one statement with its values as $1, $2, ...; returns the rows it changed.</summary>
    public int Execute(string sql, params object?[] values) => Prepare(sql, values).ExecuteNonQuery();

    /// <summary>One that runs for many rows; it lives as long as this.</summary>
    public BoundStatement Bound(string sql)
    {
        if (!_bound.TryGetValue(sql, out BoundStatement? statement))
        {
            statement = new BoundStatement(Handle, sql);
            _bound.Add(sql, statement);
        }

        return statement;
    }

    public List<T> List<T>(string sql, Func<Row, T> read, params object?[] values)
    {
        List<T> rows = [];
        using SqliteDataReader reader = Prepare(sql, values).ExecuteReader();
        Row row = new(reader);
        while (reader.Read())
        {
            rows.Add(Decode(row, read));
        }

        return rows;
    }

    public T? First<T>(string sql, Func<Row, T> read, params object?[] values)
        where T : class
    {
        using SqliteDataReader reader = Prepare(sql, values).ExecuteReader();
        return reader.Read() ? Decode(new Row(reader), read) : null;
    }

    public long? Number(string sql, params object?[] values)
    {
        using SqliteDataReader reader = Prepare(sql, values).ExecuteReader();
        return reader.Read() && !reader.IsDBNull(0) ? reader.GetInt64(0) : null;
    }

    public string? Text(string sql, params object?[] values)
    {
        using SqliteDataReader reader = Prepare(sql, values).ExecuteReader();
        return reader.Read() && !reader.IsDBNull(0) ? reader.GetString(0) : null;
    }

    public void Dispose()
    {
        foreach (SqliteCommand command in _prepared.Values)
        {
            command.Dispose();
        }

        _prepared.Clear();
        foreach (BoundStatement statement in _bound.Values)
        {
            statement.Dispose();
        }

        _bound.Clear();
        _connection.Dispose();
    }

    private T Decode<T>(Row row, Func<Row, T> read)
    {
        try
        {
            row.Start();
            return read(row);
        }
        catch (Exception e) when (e is FormatException or InvalidCastException or InvalidOperationException
            or ArgumentException or OverflowException or JsonException or EndOfStreamException)
        {
            throw StoreFaults.Damaged(Path, $"a row in it cannot be read ({e.Message})", e);
        }
    }

    private SqliteCommand Prepare(string sql, object?[] values)
    {
        if (!_prepared.TryGetValue(sql, out SqliteCommand? command))
        {
            command = _connection.CreateCommand();
            command.CommandText = sql;
            for (int i = 1; i <= values.Length; i++)
            {
                command.Parameters.Add(new SqliteParameter { ParameterName = FormattableString.Invariant($"${i}") });
            }

            _prepared.Add(sql, command);
        }

        for (int i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = ToColumn(values[i]);
        }

        return command;
    }

    private static object ToColumn(object? value) => value switch
    {
        null => DBNull.Value,
        Guid id => id.ToString("D"),
        DateTimeOffset time => time.UtcTicks,
        TimeSpan duration => duration.Ticks,
        bool flag => flag ? 1L : 0L,
        Enum name => name.ToString(),
        Fingerprint fingerprint => fingerprint.IsEmpty ? DBNull.Value : fingerprint.Hex,
        _ => value,
    };
}
