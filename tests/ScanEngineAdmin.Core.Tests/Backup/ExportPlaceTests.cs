using System.Diagnostics;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Backup;

/// <summary>Root exports to where another user decides what a name leads to.</summary>
public sealed class ExportPlaceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public ExportPlaceTests()
    {
        NeedsAttribute.SkipFor(ThisMachine.WhyNotRoot);
        Run("chmod", "711", _folder.Path);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task In_another_users_folder_it_is_his_file_made_with_his_rights()
    {
        using var host = new ExportHost();
        string his = Make("his", "54321");
        string path = Path.Combine(his, "console.export");
        await host.ExportAsync(path);
        Assert.Equal(54321u, FileFacts.Of(path)!.Value.User);

        // A place of root's that the user may not write is one that root does not write for him.
        string roots = Make("roots", "0");
        Run("chmod", "755", roots);
        File.CreateSymbolicLink(Path.Combine(his, "led"), roots);
        Run("chown", "-h", "54321", Path.Combine(his, "led"));
        await ExportHost.FailsAsync(
            FaultCode.OptionInvalid, () => host.ExportAsync(Path.Combine(his, "led", "console.export")));
        Assert.Empty(Directory.GetFileSystemEntries(roots));
    }

    [Fact]
    public async Task In_a_shared_folder_it_is_roots_and_replaces_no_more_than_a_link()
    {
        using var host = new ExportHost();
        string shared = Make("shared", "0");
        string victim = _folder.Below("victim");
        File.WriteAllText(victim, "root's");
        string path = Path.Combine(shared, "console.export");
        File.CreateSymbolicLink(path, victim);
        Run("chown", "-h", "54321", path);
        Run("chmod", "1777", shared);

        await host.ExportAsync(path, force: true);

        Assert.Equal("root's", File.ReadAllText(victim));
        Assert.True(FileFacts.Of(path) is { IsRegular: true, User: 0 });
        Run("chmod", "777", shared);
        await ExportHost.FailsAsync(FaultCode.OptionInvalid, () => host.ExportAsync(path, force: true));
    }

    private string Make(string name, string owner)
    {
        string path = _folder.Below(name);
        Directory.CreateDirectory(path);
        Run("chown", owner, path);
        return path;
    }

    private static void Run(string program, params string[] arguments)
    {
        using Process done = Process.Start(program, arguments);
        done.WaitForExit();
        Assert.Equal(0, done.ExitCode);
    }
}
