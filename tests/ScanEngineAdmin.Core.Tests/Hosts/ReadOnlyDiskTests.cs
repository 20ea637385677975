using System.Diagnostics;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Storage;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Hosts;

/// <summary>A data folder on a file system that nobody can write: a mounted backup.</summary>
public sealed class ReadOnlyDiskTests
{
    [Fact, NeedsRoot]
    public void It_can_be_looked_into_and_what_would_be_written_is_refused_with_the_reason()
    {
        using var disk = new SmallDisk(16);
        var stores = new SqliteStoreProvider();
        var folder = DataFolder.Resolve(disk.Path);
        using (var console = ConsoleAdmin.Open(folder, stores))
        {
            console.RegisterEngine("lab-1", "192.0.2.1", 40814, null);
        }

        using (EngineAdmin.Open(folder, stores))
        {
            // It makes the engine's store.
        }

        using Process mount = Process.Start("mount", ["-o", "remount,ro", disk.Path]);
        Assert.True(mount.WaitForExit(TimeSpan.FromMinutes(3)) && mount.ExitCode == 0);
        string[] before = Files(disk.Path);

        using (var console = ConsoleAdmin.Open(DataFolder.Resolve(disk.Path), stores))
        {
            Assert.Equal("lab-1", console.Store.FindEngine("LAB-1")!.Name);
            Assert.False(console.Describe().IsRunning);
            var refused = Assert.Throws<ScanEngineException>(
                () => console.RegisterEngine("lab-2", "192.0.2.2", 40814, null));
            Assert.Equal(FaultCode.DataFolderNotWritable, refused.Code);
            Assert.Contains("read-only", refused.Message, StringComparison.Ordinal);
            Assert.Contains(disk.Path, refused.Message, StringComparison.Ordinal);
        }

        using (var engine = EngineAdmin.Open(DataFolder.Resolve(disk.Path), stores))
        {
            Assert.Empty(engine.Store.ListConsoles());
        }

        Assert.Equal(before, Files(disk.Path));
        Assert.Equal(
            FaultCode.DataFolderNotWritable,
            Assert.Throws<ScanEngineException>(() => DataFolder.Resolve(disk.Path).EnsureConsole()).Code);
    }

    private static string[] Files(string path) =>
        [.. Directory.GetFileSystemEntries(path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
}
