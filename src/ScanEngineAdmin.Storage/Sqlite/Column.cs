using System.Linq.Expressions;
using System.Reflection;

namespace ScanEngineAdmin.Storage.Sqlite;

/// <summary>One column of a table: how a record's value is written to it and read from it.</summary>
/// <param name="Name">The column.</param>
/// <param name="Write">The value for the column.</param>
/// <param name="Read">Reads the row's next column into the record; null for a column that is only written.</param>
internal sealed record Column<T>(string Name, Func<T, object?> Write, Action<Row, T>? Read = null)
    where T : class
{
    public static Column<T> Of<TValue>(
        string name, Func<Row, TValue> read, Expression<Func<T, TValue>> property, Func<TValue, object?>? write)
    {
        PropertyInfo info = (PropertyInfo)((MemberExpression)property.Body).Member;
        Func<T, TValue> get = info.GetMethod!.CreateDelegate<Func<T, TValue>>();

        // Also of a property that only an initialiser may set: nobody else has the record yet.
        Action<T, TValue> set = info.SetMethod!.CreateDelegate<Action<T, TValue>>();
        return new Column<T>(
            name,
            write is null ? record => get(record) : record => write(get(record)),
            (row, record) => set(record, read(row)));
    }
}
