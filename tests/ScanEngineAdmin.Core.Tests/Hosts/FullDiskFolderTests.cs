using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Core.Certificates;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Firewall.Trials;
using ScanEngineAdmin.Storage;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Hosts;

/// <summary>
/// What is written beside a store, on a disk without room for it: the fault is that of a full disk, and not one of rights
/// that nobody lacks; with room it goes on as if nothing had been.
/// </summary>
public sealed class FullDiskFolderTests
{
    [Theory, NeedsRoot]
    [InlineData("identity", true)]
    [InlineData("identity", false)]
    [InlineData("rotation", true)]
    [InlineData("rotation", false)]
    [InlineData("console", true)]
    [InlineData("console", false)]
    [InlineData("log", false)]
    [InlineData("state", false)]
    public void What_cannot_be_written_for_lack_of_room_is_told_as_that(string what, bool bytes)
    {
        using var disk = new SmallDisk(megabytes: 4, files: 40);
        if (what == "rotation")
        {
            IdentityFile.LoadOrCreate(disk.Path, TimeProvider.System).Identity.Dispose();
        }

        if (bytes)
        {
            disk.Fill();
        }

        var refused = new List<ScanEngineException>();
        for (bool isDone = false; !isDone; disk.Free())
        {
            if (!bytes)
            {
                disk.FillPlaces(leaving: refused.Count);
            }

            try
            {
                Write(what, disk.Path);
                isDone = true;
            }
            catch (ScanEngineException e)
            {
                refused.Add(e);
            }
        }

        Assert.NotEmpty(refused);
        Assert.All(refused, fault => Assert.Equal(FaultCode.StoreFull, fault.Code));
        Assert.All(refused, fault => Assert.Contains("Free space", fault.Recommendation, StringComparison.Ordinal));
    }

    private static void Write(string what, string folder)
    {
        switch (what)
        {
            case "identity":
                IdentityFile.LoadOrCreate(folder, TimeProvider.System).Identity.Dispose();
                break;
            case "rotation":
                new RotationFiles(folder, TimeProvider.System).Prepare();
                break;
            case "console":
                ConsoleAdmin.Open(DataFolder.Resolve(folder), new SqliteStoreProvider()).Dispose();
                break;
            case "log":
                LogFile.Prepare(Path.Combine(folder, "logs", "log"), "-LogPath");
                break;
            default:
                StateFiles.EnsureFolder(Path.Combine(folder, "state"));
                break;
        }
    }
}
