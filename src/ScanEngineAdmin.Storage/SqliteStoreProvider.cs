using System.Runtime.InteropServices;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Schedules;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Storage.Cron;
using ScanEngineAdmin.Storage.Sqlite;
using ScanEngineAdmin.Storage.Stores;

namespace ScanEngineAdmin.Storage;

/// <summary>
/// Stores in one SQLite file, <c>store.db</c>, in the folder given. The module loads this assembly into a load context
/// of its own and makes this type by name: the name and the constructor without parameters are a contract.
/// </summary>
internal sealed class SqliteStoreProvider : IStoreProvider
{
    // Once, and not before somebody makes a provider: the load context has to be set up by then.
    private static readonly Lazy<int> Native = new(() =>
    {
        SQLitePCL.Batteries_V2.Init();
        return SQLitePCL.raw.sqlite3_libversion_number();
    });

    private readonly StoreOptions _options;

    public SqliteStoreProvider()
        : this(new StoreOptions())
    {
    }

    internal SqliteStoreProvider(StoreOptions options)
    {
        _options = options;
        try
        {
            _ = Native.Value;
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException or EntryPointNotFoundException
            or TypeInitializationException)
        {
            throw new ScanEngineException(
                FaultCode.InternalError,
                $"SQLite's native library could not be loaded on {RuntimeInformation.RuntimeIdentifier}: {e.Message}",
                "Install ScanEngineAdmin again; if that does not help, this platform is not one it is built for.",
                RuntimeInformation.RuntimeIdentifier,
                e);
        }
    }

    public ICronReader Cron { get; } = new CronosReader();

    public IConsoleStore OpenConsole(string folder) =>
        new ConsoleStore(Database.Open(folder, ConsoleSchema.Schema, _options));

    public IEngineStore OpenEngine(string folder) =>
        new EngineStore(Database.Open(folder, EngineSchema.Schema, _options));

    public IConsoleStore AttachConsole(string folder) =>
        new ConsoleStore(Database.Attach(folder, ConsoleSchema.Schema, _options));

    public IEngineStore AttachEngine(string folder) =>
        new EngineStore(Database.Attach(folder, EngineSchema.Schema, _options));
}
