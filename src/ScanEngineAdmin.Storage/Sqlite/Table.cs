namespace ScanEngineAdmin.Storage.Sqlite;

/// <summary>How a record lies in a table: the one home of its columns and their order.</summary>
internal sealed class Table<T>
    where T : class
{
    private readonly Func<Row, T> _read;
    private readonly Func<T, object?>[] _values;
    private readonly int _keys;
    private readonly string _insert;
    private readonly string _update;
    private readonly string _select;

    /// <param name="name">The table.</param>
    /// <param name="keys">How many of the first columns make the key: those an update never changes.</param>
    /// <param name="read">Reads the columns in their order; the last ones may be left unread.</param>
    /// <param name="columns">The columns with where their values come from.</param>
    public Table(string name, int keys, Func<Row, T> read, params (string Column, Func<T, object?> Value)[] columns)
    {
        _read = read;
        _keys = keys;
        _values = [.. columns.Select(column => column.Value)];
        string[] names = [.. columns.Select(column => column.Column)];
        IEnumerable<string> places = names.Select((_, i) => $"${i + 1}");
        IEnumerable<string> pairs = names.Select((column, i) => $"{column} = ${i + 1}");
        string list = string.Join(", ", names);
        _select = $"SELECT {list} FROM {name} ";
        _insert = $"INSERT INTO {name} ({list}) VALUES ({string.Join(", ", places)})";
        _update = $"UPDATE {name} SET {string.Join(", ", pairs.Skip(keys))} "
            + $"WHERE {string.Join(" AND ", pairs.Take(keys))}";
    }

    /// <param name="session">Where to read.</param>
    /// <param name="rest">What follows the table's name: WHERE, ORDER BY, LIMIT.</param>
    /// <param name="values">Its values.</param>
    public List<T> List(Session session, string rest, params object?[] values) =>
        session.List(_select + rest, _read, values);

    public T? First(Session session, string rest, params object?[] values) =>
        session.First(_select + rest, _read, values);

    public void Insert(Session session, T record) =>
        session.Execute(_insert, [.. _values.Select(value => value(record))]);

    /// <summary>Writes what changed under the key of what was read: a change cannot move a record.</summary>
    public void Update(Session session, T read, T changed) => session.Execute(
        _update, [.. _values.Select((value, i) => value(i < _keys ? read : changed))]);
}
