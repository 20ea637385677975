using Microsoft.Data.Sqlite;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Stores;
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

    /// <summary>Asks the file itself, past the store.</summary>
    public long Count(string table)
    {
        SqliteConnectionStringBuilder builder = new() { DataSource = File, Pooling = false };
        using SqliteConnection connection = new(builder.ToString());
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = $"SELECT count(*) FROM {table}";
        return (long)command.ExecuteScalar()!;
    }

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
