using ScanEngineAdmin.Core;
using ScanEngineAdmin.Core.Storage;
using ScanEngineAdmin.Storage.Sqlite;

namespace ScanEngineAdmin.Storage.Tests;

/// <summary>A folder for the stores of one test.</summary>
internal sealed class TestFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sea-storage-");

    public string Path => _folder.FullName;

    public string File => System.IO.Path.Combine(Path, "store.db");

    public IConsoleStore Console(StoreOptions? options = null) => Provider(options).OpenConsole(Path);

    public IEngineStore Engine(StoreOptions? options = null) => Provider(options).OpenEngine(Path);

    public void Dispose() => _folder.Delete(recursive: true);

    public static SqliteStoreProvider Provider(StoreOptions? options = null) =>
        options is null ? new SqliteStoreProvider() : new SqliteStoreProvider(options);

    public static ScanEngineException Fails(FaultCode code, Action action)
    {
        ScanEngineException e = Assert.Throws<ScanEngineException>(action);
        Assert.Equal(code, e.Code);
        Assert.NotEmpty(e.Recommendation);
        return e;
    }
}
