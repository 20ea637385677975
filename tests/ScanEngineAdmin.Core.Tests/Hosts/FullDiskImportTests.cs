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

    /// <summary>
    /// Once it is decided nothing is left but names; until then the console there is as it was, whatever ran out.
    /// </summary>
    [Theory, NeedsRoot]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_disk_that_gets_full_at_any_step_leaves_the_old_console_or_the_new_one(bool bytes)
    {
        using var host = new ExportHost();
        await host.ExportAsync();
        var steps = new List<string>();
        for (int at = 0; !steps.Contains("done") || at < steps.Count; at++)
        {
            using var disk = new SmallDisk(megabytes: 6, files: 60);
            var place = DataFolder.Resolve(disk.Path);
            using (ConsoleAdmin there = ConsoleAdmin.Open(place, host.Stores))
            {
                there.RegisterEngine("there", "192.0.2.9", 40814, null);
            }

            steps.Clear();
            FaultCode? refused = null;
            try
            {
                await host.ImportAsync(place, force: true, step: step =>
                {
                    steps.Add(step);
                    if (steps.Count != at + 1)
                    {
                        return;
                    }

                    if (bytes)
                    {
                        disk.Fill();
                    }
                    else
                    {
                        disk.FillPlaces();
                    }
                });
            }
            catch (ScanEngineException e)
            {
                refused = e.Code;
            }

            disk.Free();
            bool isDecided = steps.Contains("decided");
            Assert.Equal(isDecided ? null : FaultCode.StoreFull, refused);
            Assert.Equal(isDecided ? "lab-1" : "there", host.Engines(place));
        }
    }

    /// <summary>What was decided and could not be done is kept, and done when the folder is opened again.</summary>
    [Theory]
    [InlineData("kept store.db")]
    [InlineData("placed node.key")]
    public async Task An_import_whose_end_fails_says_so_and_loses_neither_console(string at)
    {
        using var host = new ExportHost();
        await host.ExportAsync();
        using (ConsoleAdmin there = ConsoleAdmin.Open(host.Target, host.Stores))
        {
            there.RegisterEngine("there", "192.0.2.9", 40814, null);
        }

        ScanEngineException fault = await ExportHost.FailsAsync(
            FaultCode.DataFolderNotWritable,
            () => host.ImportAsync(force: true, step: step =>
            {
                if (step == at)
                {
                    throw new IOException("The disk does not answer.");
                }
            }));

        Assert.Contains("could not be finished", fault.Message, StringComparison.Ordinal);
        Assert.Equal("lab-1", host.Engines(host.Target));
        string kept = Assert.Single(Directory.GetDirectories(host.Target.Console, "before-import-*"));
        Assert.True(File.Exists(Path.Combine(kept, "store.db")));
    }

    private static string[] Files(DataFolder folder) =>
        [.. Directory.GetFiles(folder.Console, "*", SearchOption.AllDirectories)
            .Where(file => !file.EndsWith("-shm", StringComparison.Ordinal)
                && !file.EndsWith("-wal", StringComparison.Ordinal)
                && !file.EndsWith("lock", StringComparison.Ordinal)).Order()];
}
