using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Core.Backup;
using ScanEngineAdmin.Core.Tests.Backup;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Hosts;

/// <summary>A transfer for which a disk has no room: it says so, leaves nothing, and what was there stays.</summary>
[Trait("Speed", "Slow")]
public sealed class FullDiskImportTests
{
    [Fact, NeedsRoot]
    public async Task An_import_to_a_full_disk_says_so_and_the_console_there_is_as_it_was()
    {
        using var disk = new SmallDisk(megabytes: 6);
        using var host = new ExportHost();
        host.Console.Store.SetSetting("filler", new string('x', 2_000_000));
        await host.ExportAsync();
        var place = DataFolder.Resolve(disk.Path);
        using (ConsoleAdmin there = ConsoleAdmin.Open(place, host.Stores))
        {
            there.RegisterEngine("there", "192.0.2.9", 40814, null);
        }

        string[] before = Files(place);
        disk.Fill(leaving: 256 * 1024);

        await ExportHost.FailsAsync(FaultCode.StoreFull, () => host.ImportAsync(place, force: true));

        disk.Free();
        Assert.Equal(before, Files(place));
        Assert.Equal("there", host.Engines(place));
        await host.ImportAsync(place, force: true);
        Assert.Equal("lab-1", host.Engines(place));
    }

    /// <summary>An export leaves the floor free: nothing of it is written where it would not.</summary>
    [Fact, NeedsRoot]
    public async Task An_export_whose_copy_would_go_below_the_floor_is_refused_while_the_disk_is_not_full()
    {
        using var disk = new SmallDisk(megabytes: 10);
        using var host = new ExportHost();
        var place = DataFolder.Resolve(disk.Path);
        using ConsoleAdmin console = ConsoleAdmin.Open(place, host.Stores);
        console.Store.SetSetting("filler", new string('x', 1_000_000));
        long floor = console.Store.Room().Floor;
        string[] before = Files(place);
        disk.Fill(leaving: floor + 500_000);

        await ExportHost.FailsAsync(FaultCode.StoreFull, () => ConsoleTransfer.ExportAsync(
            console, new ExportRequest(host.Below("elsewhere.export"), ExportHost.Passphrase), null, default));

        Assert.True(disk.Available > floor);
        Assert.False(File.Exists(host.Below("elsewhere.export")));
        Assert.Equal(before, Files(place));
    }

    private static string[] Files(DataFolder folder) =>
        [.. Directory.GetFiles(folder.Console, "*", SearchOption.AllDirectories)
            .Where(file => !file.EndsWith("-shm", StringComparison.Ordinal)
                && !file.EndsWith("-wal", StringComparison.Ordinal)
                && !file.EndsWith("lock", StringComparison.Ordinal)).Order()];
}
