using ScanEngineAdmin.Core.Storage;
using ScanEngineAdmin.Storage.Sqlite;
using ScanEngineAdmin.Storage.Stores;

namespace ScanEngineAdmin.Storage;

/// <summary>
/// Stores in one SQLite file, <c>store.db</c>, in the folder given. The module loads this assembly into a load context
/// of its own and makes this type by name: the name and the constructor without parameters are a contract.
/// </summary>
public sealed class SqliteStoreProvider : IStoreProvider
{
    private readonly StoreOptions _options;

    public SqliteStoreProvider()
        : this(new StoreOptions())
    {
    }

    internal SqliteStoreProvider(StoreOptions options)
    {
        // Before the first connection and never by a module initialiser: the load context has to be set up by then.
        SQLitePCL.Batteries_V2.Init();
        _options = options;
    }

    public IConsoleStore OpenConsole(string folder) =>
        new ConsoleStore(Database.Open(folder, ConsoleSchema.Schema, _options));

    public IEngineStore OpenEngine(string folder) =>
        new EngineStore(Database.Open(folder, EngineSchema.Schema, _options));
}
