using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Storage.Sqlite;

namespace ScanEngineAdmin.Storage.Stores;

/// <summary>What the console's and the engine's store have in common.</summary>
internal abstract partial class NodeStore(Database database) : INodeStore
{
    protected const string ByPairing = "WHERE pairing_id = $1";

    public long DataVersion => Database.DataVersion;

    protected Database Database { get; } = database;

    public void CopyTo(string path, Action<double>? progress, CancellationToken cancellationToken) =>
        Database.CopyTo(path, progress, cancellationToken);

    public virtual void Check() => Database.Check();

    public StoreRoom Room() => Database.Room();

    public void KeepReserve() => Database.KeepReserve();

    public abstract bool CleanUp();

    /// <summary>Whether the statement removed anything.</summary>
    protected bool RemoveThenCleanUp(string sql, params object?[] values)
    {
        bool gone = Database.Write(session => session.Execute(sql, values)) > 0;
        CleanUpSome();
        return gone;
    }

    /// <summary>
    /// After something was removed: what is small is gone at once; the rest is left to the node, or to the next one.
    /// </summary>
    protected void CleanUpSome()
    {
        const int steps = 4;
        try
        {
            for (int step = 0; step < steps && CleanUp(); step++)
            {
            }
        }
        catch (ScanEngineException)
        {
            // The removal itself is done.
        }
    }

    public NodeRecord? GetNode() => Database.Read(session => NodeTables.Nodes.First(session, "WHERE id = 1"));

    public void SetNode(NodeRecord node) => Database.Write(session =>
    {
        // The column id has no default: the one row is 1 because it is the first of an emptied table.
        session.Execute("DELETE FROM node");
        NodeTables.Nodes.Insert(session, node);
        return true;
    });

    public bool UpdateNode(Func<NodeRecord, NodeRecord> change) => Database.Write(session =>
    {
        NodeRecord? node = NodeTables.Nodes.First(session, "WHERE id = 1");
        if (node is null)
        {
            return false;
        }

        NodeRecord changed = change(node);
        session.Execute("DELETE FROM node");
        NodeTables.Nodes.Insert(session, changed);
        return true;
    });

    public string? GetSetting(string key) =>
        Database.Read(session => session.Text("SELECT value FROM settings WHERE key = $1", key));

    public void SetSetting(string key, string? value) => Database.Write(session => value is null
        ? session.Execute("DELETE FROM settings WHERE key = $1", key)
        : session.Execute("INSERT OR REPLACE INTO settings (key, value) VALUES ($1, $2)", key, value));

    public IReadOnlyDictionary<string, string> ListSettings(string prefix) => Database.Read(session =>
        session.List(
            "SELECT key, value FROM settings WHERE key >= $1 AND key < $2",
            row => KeyValuePair.Create(row.Text(), row.Text()),
            prefix,
            prefix + char.MaxValue).ToDictionary());

    public void Dispose() => Database.Dispose();
}
