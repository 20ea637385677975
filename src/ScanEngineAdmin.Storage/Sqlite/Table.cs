using System.Collections;
using System.Linq.Expressions;

namespace ScanEngineAdmin.Storage.Sqlite;

/// <summary>How a record lies in a table: the one place that names its columns.</summary>
/// <param name="name">The table.</param>
/// <param name="keys">How many of the first columns make the key: those an update never changes.</param>
internal sealed class Table<T>(string name, int keys) : IEnumerable<Column<T>>
    where T : class
{
    private readonly List<Column<T>> _columns = [];
    private Statements? _statements;

    private Statements Sql => _statements ??= new Statements(name, keys, [.. _columns.Select(column => column.Name)]);

    public void Add<TValue>(
        string column,
        Func<Row, TValue> read,
        Expression<Func<T, TValue>> property,
        Func<TValue, object?>? write = null) => _columns.Add(Column<T>.Of(column, read, property, write));

    /// <summary>A column for searches only: it is written, and never read. After all others.</summary>
    public void Add(string column, Func<T, object?> value) => _columns.Add(new Column<T>(column, value));

    /// <param name="session">Where to read.</param>
    /// <param name="rest">What follows the table's name: WHERE, ORDER BY, LIMIT.</param>
    /// <param name="values">Its values.</param>
    public List<T> List(Session session, string rest, params object?[] values) =>
        session.List(Sql.Select + rest, Read, values);

    public T? First(Session session, string rest, params object?[] values) =>
        session.First(Sql.Select + rest, Read, values);

    public void Insert(Session session, T record) =>
        session.Execute(Sql.Insert, [.. _columns.Select(column => column.Write(record))]);

    /// <summary>Writes what changed under the key of what was read: a change cannot move a record.</summary>
    public void Update(Session session, T read, T changed) => session.Execute(
        Sql.Update, [.. _columns.Select((column, i) => column.Write(i < keys ? read : changed))]);

    /// <summary>Changes the record that is found so; null if there is none.</summary>
    public T? Change(Session session, string rest, object?[] values, Func<T, T> change)
    {
        if (First(session, rest, values) is not { } read)
        {
            return null;
        }

        T changed = change(read);
        Update(session, read, changed);
        return changed;
    }

    public IEnumerator<Column<T>> GetEnumerator() => _columns.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private T Read(Row row)
    {
        T record = Activator.CreateInstance<T>();
        foreach (Column<T> column in _columns)
        {
            column.Read?.Invoke(row, record);
        }

        return record;
    }

    private sealed class Statements
    {
        public Statements(string table, int keys, string[] columns)
        {
            IEnumerable<string> places = columns.Select((_, i) => $"${i + 1}");
            string[] pairs = [.. columns.Select((column, i) => $"{column} = ${i + 1}")];
            string list = string.Join(", ", columns);
            Select = $"SELECT {list} FROM {table} ";
            Insert = $"INSERT INTO {table} ({list}) VALUES ({string.Join(", ", places)})";
            Update = $"UPDATE {table} SET {string.Join(", ", pairs.Skip(keys))} "
                + $"WHERE {string.Join(" AND ", pairs.Take(keys))}";
        }

        public string Select { get; }

        public string Insert { get; }

        public string Update { get; }
    }
}
