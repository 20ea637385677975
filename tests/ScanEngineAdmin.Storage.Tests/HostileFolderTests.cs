using System.Diagnostics;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Faults.Local;
using ScanEngineAdmin.Storage.Sqlite;
using ScanEngineAdmin.Storage.Stores;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Storage.Tests;

/// <summary>A folder whose owner wants more of a root that attaches its store than to have it used.</summary>
public sealed class HostileFolderTests : IDisposable
{
    private const string Owner = "54321";
    private readonly TestFolder _folder = new();
    private readonly TestFolder _roots = new();

    public void Dispose()
    {
        _folder.Dispose();
        _roots.Dispose();
    }

    [Fact]
    public void A_journal_that_names_a_file_has_nobody_delete_it()
    {
        string victim = Path.Combine(_roots.Path, "victim");
        File.WriteAllText(victim, "root:x:0:0\n");
        _folder.Console().Dispose();
        PlantJournal(victim);

        TestFolder.Fails(FaultCode.DataFolderInvalid, () => TestFolder.Provider().AttachConsole(_folder.Path));

        Assert.True(File.Exists(victim));
    }

    [Fact, NeedsRoot]
    public void Not_even_one_that_is_put_there_between_the_look_and_the_opening()
    {
        string victim = Path.Combine(_roots.Path, "victim");
        File.WriteAllText(victim, "root:x:0:0\n");
        _folder.Console().Dispose();
        Give(_folder.Path);
        using Database late = Database.Attach(_folder.Path, ConsoleSchema.Schema, new StoreOptions());
        PlantJournal(victim);
        Give(_folder.Path);
        try
        {
            late.Write(session => session.Number("SELECT count(*) FROM settings"));
        }
        catch (ScanEngineException)
        {
            // What it does to its own store is its own loss.
        }

        Assert.True(File.Exists(victim));
    }

    [Fact, NeedsRoot]
    public void An_attached_store_is_used_with_its_owners_rights_and_roots_come_back()
    {
        string secret = Path.Combine(_roots.Path, "secret");
        File.WriteAllText(secret, "root's");
        Run("chmod", "400", secret);
        _folder.Console().Dispose();
        Give(_folder.Path);

        using (Database attached = Database.Attach(_folder.Path, ConsoleSchema.Schema, new StoreOptions()))
        {
            attached.Write(session => session.Execute("INSERT INTO settings (key, value) VALUES ('a', 'b')"));
            Assert.Throws<UnauthorizedAccessException>(() => attached.Read(_ => File.ReadAllText(secret)));
            Assert.Throws<UnauthorizedAccessException>(() => attached.Write(_ => File.ReadAllText(secret)));
            Assert.Equal("root's", File.ReadAllText(secret));
            Assert.Equal([Owner, Owner, Owner], Owners());
        }

        Assert.Equal("root's", File.ReadAllText(secret));
        using IConsoleStore again = TestFolder.Provider().AttachConsole(_folder.Path);
        Assert.Equal("b", again.GetSetting("a"));
    }

    private string[] Owners() =>
        [.. Directory.GetFiles(_folder.Path).Select(file => Run("stat", "-c", "%u", file).Trim())];

    private void PlantJournal(string named) =>
        File.WriteAllBytes(_folder.File + "-journal", HotJournal.Naming(named));

    private static void Give(string folder) => Run("chown", "-R", $"{Owner}:{Owner}", folder);

    private static string Run(string tool, params string[] arguments)
    {
        using Process process = Process.Start(
            new ProcessStartInfo(tool, arguments) { RedirectStandardOutput = true })!;
        string said = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return said;
    }
}
