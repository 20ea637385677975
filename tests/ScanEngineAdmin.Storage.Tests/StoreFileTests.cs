using System.Diagnostics;
using Microsoft.Data.Sqlite;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Storage.Sqlite;

namespace ScanEngineAdmin.Storage.Tests;

/// <summary>What can be wrong with the file or the folder, and what happens to them.</summary>
public sealed class StoreFileTests : IDisposable
{
    private static readonly StoreOptions Impatient = new() { BusyTimeout = TimeSpan.FromMilliseconds(100) };

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_store_locked_by_another_is_reported_after_the_time_to_wait_and_works_again_afterwards()
    {
        using IConsoleStore store = _folder.Console(Impatient);
        using SqliteConnection other = Raw();
        Execute(other, "BEGIN IMMEDIATE");
        Stopwatch watch = Stopwatch.StartNew();
        ScanEngineException e = TestFolder.Fails(FaultCode.StoreLocked, () => store.SetSetting("a", "b"));

        // The library's own loop would have gone on for 30 s.
        Assert.InRange(watch.Elapsed, TimeSpan.FromMilliseconds(90), TimeSpan.FromSeconds(15));
        Assert.Equal(_folder.File, e.Target);
        Assert.Null(e.InnerException);
        Assert.Null(store.GetSetting("a"));
        Execute(other, "ROLLBACK");
        store.SetSetting("a", "b");
        Assert.Equal("b", store.GetSetting("a"));
    }

    [Fact]
    public void A_file_held_exclusively_is_reported_as_locked_when_it_is_opened()
    {
        _folder.Console().Dispose();
        using SqliteConnection other = Raw();
        Execute(other, "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT");
        Execute(other, "BEGIN EXCLUSIVE; CREATE TABLE x (y)");
        TestFolder.Fails(FaultCode.StoreLocked, () => _folder.Console(Impatient));
    }

    [Fact]
    public async Task A_writer_waits_for_a_lock_that_is_given_back_in_time()
    {
        using IConsoleStore store = _folder.Console();
        using SqliteConnection other = Raw();
        Execute(other, "BEGIN IMMEDIATE");
        Task write = Task.Run(() => store.SetSetting("a", "b"));
        Assert.Null(store.GetSetting("a"));
        Execute(other, "COMMIT");
        await write.WaitAsync(TimeSpan.FromMinutes(3));
        Assert.Equal("b", store.GetSetting("a"));
    }

    [Fact]
    public void What_is_not_a_database_is_damaged_and_stays_as_it_is()
    {
        byte[] junk = [.. Enumerable.Range(0, 5000).Select(i => (byte)i)];
        File.WriteAllBytes(_folder.File, junk);
        ScanEngineException e = TestFolder.Fails(FaultCode.StoreDamaged, () => _folder.Console());
        Assert.Equal(_folder.File, e.Target);
        Assert.Equal(junk, File.ReadAllBytes(_folder.File));
    }

    [Fact]
    public void A_store_with_ruined_pages_is_damaged()
    {
        using (IConsoleStore store = _folder.Console())
        {
            store.AddEngine(Make.Engine());
        }

        using (FileStream file = new(_folder.File, FileMode.Open))
        {
            // The header and the schema stay sound, so that the damage is met only where the rows are.
            file.Seek(3 * 4096, SeekOrigin.Begin);
            file.Write(Enumerable.Repeat((byte)0xA5, (int)(file.Length - file.Position)).ToArray());
        }

        TestFolder.Fails(FaultCode.StoreDamaged, () =>
        {
            using IConsoleStore store = _folder.Console();
            store.ListEngines();
        });
    }

    [Fact]
    public void A_row_that_cannot_be_read_is_damage_and_not_a_crash()
    {
        using IConsoleStore store = _folder.Console();
        store.AddEngine(Make.Engine());
        using SqliteConnection other = Raw();
        Execute(other, "UPDATE engines SET direction = 'Sideways'");
        TestFolder.Fails(FaultCode.StoreDamaged, () => store.ListEngines());
        Execute(other, "DROP TABLE engines");
        TestFolder.Fails(FaultCode.StoreDamaged, () => store.ListEngines());
    }

    [Fact]
    public void A_store_of_the_other_kind_or_of_another_program_says_so()
    {
        _folder.Engine().Dispose();
        ScanEngineException e = TestFolder.Fails(FaultCode.StoreDamaged, () => _folder.Console());
        Assert.Contains("Scan Engine's store, not a Security Console's", e.Message, StringComparison.Ordinal);
        _folder.Engine().Dispose();

        using TestFolder another = new();
        another.Console().Dispose();
        e = TestFolder.Fails(FaultCode.StoreDamaged, () => another.Engine());
        Assert.Contains("Security Console's store, not a Scan Engine's", e.Message, StringComparison.Ordinal);

        using (SqliteConnection raw = Raw(another.File))
        {
            Execute(raw, "PRAGMA application_id = 7");
        }

        e = TestFolder.Fails(FaultCode.StoreDamaged, () => another.Console());
        Assert.Contains("some other program's", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_newer_store_is_refused_and_left_alone()
    {
        _folder.Console().Dispose();
        using (SqliteConnection raw = Raw())
        {
            Execute(raw, "PRAGMA user_version = 99");
        }

        ScanEngineException e = TestFolder.Fails(FaultCode.StoreNewer, () => _folder.Console());
        Assert.Contains("99", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_older_store_is_copied_and_then_brought_up_keeping_its_rows()
    {
        Schema first = new("Security Console", Schema.ConsoleId, ["CREATE TABLE a (x); INSERT INTO a VALUES (1);"]);
        Schema third = first with { Steps = [.. first.Steps, "ALTER TABLE a ADD y;", "UPDATE a SET y = x + 1;"] };
        StoreOptions options = new();
        Database.Open(_folder.Path, first, options).Dispose();
        Assert.False(File.Exists(_folder.File + ".v1.bak"));

        using (Database database = Database.Open(_folder.Path, third, options))
        {
            Assert.Equal(2, database.Read(session => session.Number("SELECT y FROM a")));
            Assert.Equal(3, database.Read(session => session.Number("PRAGMA user_version")));
        }

        using SqliteConnection copy = Raw(_folder.File + ".v1.bak");
        Execute(copy, "SELECT x FROM a WHERE NOT EXISTS (SELECT 1 FROM pragma_table_info('a') WHERE name = 'y')");
        AssertOwnerOnly(_folder.File + ".v1.bak");
        TestFolder.Fails(FaultCode.StoreNewer, () => Database.Open(_folder.Path, first, options));
    }

    [Fact]
    public void A_migration_that_fails_leaves_the_older_store_usable()
    {
        Schema first = new("Security Console", Schema.ConsoleId, ["CREATE TABLE a (x);"]);
        Schema broken = first with
        {
            Steps = [.. first.Steps, "ALTER TABLE a ADD y; SELECT 1; INSERT INTO nowhere VALUES (1);"],
        };
        Database.Open(_folder.Path, first, new StoreOptions()).Dispose();
        TestFolder.Fails(FaultCode.StoreDamaged, () => Database.Open(_folder.Path, broken, new StoreOptions()));
        using Database database = Database.Open(_folder.Path, first, new StoreOptions());
        Assert.Equal(1, database.Read(session => session.Number("SELECT count(*) FROM pragma_table_info('a')")));
    }

    [Fact]
    public async Task Many_that_open_a_new_store_at_once_all_get_it()
    {
        using Barrier together = new(8);
        Task<IConsoleStore>[] opening = [.. Enumerable.Range(0, 8).Select(_ => Task.Factory.StartNew(
            () =>
            {
                Assert.True(together.SignalAndWait(TimeSpan.FromMinutes(3)));
                return _folder.Console();
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default))];
        IConsoleStore[] stores = await Task.WhenAll(opening).WaitAsync(TimeSpan.FromMinutes(3));
        stores[0].SetSetting("a", "b");
        Assert.All(stores, store => Assert.Equal("b", store.GetSetting("a")));
        Array.ForEach(stores, store => store.Dispose());
        Assert.Equal(["store.db"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void A_folder_that_cannot_be_written_is_reported()
    {
        string file = Path.Combine(_folder.Path, "file");
        File.WriteAllText(file, "x");
        TestFolder.Fails(
            FaultCode.DataFolderNotWritable, () => TestFolder.Provider().OpenConsole(Path.Combine(file, "below")));
        TestFolder.Fails(
            FaultCode.DataFolderNotWritable,
            () => TestFolder.Provider().OpenEngine(Path.Combine(_folder.Path, "none")));
        Directory.CreateDirectory(_folder.File);
        TestFolder.Fails(FaultCode.DataFolderNotWritable, () => _folder.Console());
    }

    [Fact]
    public void A_full_disk_is_reported_as_such()
    {
        _folder.Console().Dispose();
        using SqliteConnection raw = Raw();
        Execute(raw, "PRAGMA max_page_count = 1");
        SqliteException full = Assert.Throws<SqliteException>(() => Execute(
            raw, "CREATE TABLE big (x); INSERT INTO big VALUES (zeroblob(1000000))"));
        Assert.Equal(FaultCode.StoreFull, StoreFaults.From(full, _folder.File, StoreFaults.IsFull(full, new StoreDisk(_folder.Path, null), mayTry: false)).Code);
    }

    [Fact]
    public void The_files_of_a_store_are_for_their_owner_only()
    {
        using IConsoleStore store = _folder.Console();
        store.SetSetting("a", "b");
        string[] files = Directory.GetFiles(_folder.Path);
        Assert.Equal(3, files.Length);
        Assert.All(files, AssertOwnerOnly);
    }

    [Fact]
    public void A_disposed_store_holds_no_file_open_and_refuses_to_work()
    {
        IConsoleStore store = _folder.Console();
        store.AddEngine(Make.Engine());
        Parallel.For(0, 32, _ => store.ListEngines());
        Assert.True(store.DataVersion > 0);
        if (OperatingSystem.IsLinux())
        {
            Assert.NotEqual(0, OpenHandles());
        }

        store.Dispose();
        store.Dispose();
        Assert.Throws<ObjectDisposedException>(() => store.ListEngines());
        Assert.Throws<ObjectDisposedException>(() => store.SetSetting("a", "b"));
        Assert.Throws<ObjectDisposedException>(() => store.DataVersion);
        if (OperatingSystem.IsLinux())
        {
            Assert.Equal(0, OpenHandles());
        }

        int OpenHandles() => new DirectoryInfo("/proc/self/fd").EnumerateFileSystemInfos()
            .Count(handle => handle.LinkTarget?.StartsWith(_folder.Path, StringComparison.Ordinal) == true);
    }

    private static void AssertOwnerOnly(string path)
    {
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        }
    }

    private SqliteConnection Raw() => Raw(_folder.File);

    private static SqliteConnection Raw(string path)
    {
        SqliteConnectionStringBuilder builder = new() { DataSource = path, Pooling = false };
        SqliteConnection connection = new(builder.ToString());
        connection.Open();
        return connection;
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        using SqliteDataReader reader = command.ExecuteReader();
        while (reader.NextResult())
        {
        }
    }
}
