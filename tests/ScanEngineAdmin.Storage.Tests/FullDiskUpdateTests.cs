using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Storage.Sqlite;
using ScanEngineAdmin.Storage.Stores;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Storage.Tests;

/// <summary>
/// A store of an older version on a disk that gets full while it is brought up, at every moment of it: as it was, with
/// nothing beside it, and brought up as soon as there is room.
/// </summary>
public sealed class FullDiskUpdateTests
{
    private const int Versions = 3;

    [Theory, NeedsRoot]
    [InlineData(true)]
    [InlineData(false)]
    public void A_store_that_cannot_be_brought_up_for_lack_of_room_is_as_it_was(bool console)
    {
        Schema now = console ? ConsoleSchema.Schema : EngineSchema.Schema;
        int before = now.Steps.Count - Versions;
        var refused = new List<FaultCode>();
        bool isUp = false;
        for (int free = 0; !isUp; free += 64)
        {
            using SmallDisk disk = new(4);
            Older(disk.Path, now with { Steps = [.. now.Steps.Take(before)] });
            disk.Fill(free * 1024);
            try
            {
                Open(disk.Path, console).Dispose();
                isUp = true;
            }
            catch (ScanEngineException e)
            {
                refused.Add(e.Code);
                Assert.Empty(Directory.GetFiles(disk.Path, "*.bak"));
            }

            disk.Free();
            Assert.Equal(isUp ? now.Steps.Count : before, Version(disk.Path));
            using INodeStore store = Open(disk.Path, console);
            store.Check();
            Assert.Equal(new string('x', 300_000), store.GetSetting("kept"));
            Assert.Equal(now.Steps.Count, Version(disk.Path));
        }

        Assert.NotEmpty(refused);
        Assert.All(refused, code => Assert.Equal(FaultCode.StoreFull, code));
    }

    /// <summary>The measure of free space shows none of it: the disk has room, and no place for another file.</summary>
    [Theory, NeedsRoot]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public void A_disk_without_a_place_for_another_file_is_full_too(bool console, bool isThere)
    {
        Schema now = console ? ConsoleSchema.Schema : EngineSchema.Schema;
        using SmallDisk disk = new(8, files: 40);
        if (isThere)
        {
            Older(disk.Path, now with { Steps = [.. now.Steps.Take(now.Steps.Count - Versions)] });
        }

        var refused = new List<FaultCode>();
        bool isUp = false;
        for (int places = 0; !isUp; places++)
        {
            disk.FillPlaces(places);
            try
            {
                Open(disk.Path, console).Dispose();
                isUp = true;
            }
            catch (ScanEngineException e)
            {
                refused.Add(e.Code);
            }

            disk.Free();
        }

        Assert.InRange(refused.Count, isThere ? 3 : 1, 12);
        Assert.All(refused, code => Assert.Equal(FaultCode.StoreFull, code));
    }

    private static void Older(string folder, Schema old)
    {
        using Database made = Database.Open(folder, old, new StoreOptions());
        made.Write(session => session.Execute(
            "INSERT INTO settings (key, value) VALUES ('kept', $1)", new string('x', 300_000)));
    }

    private static INodeStore Open(string folder, bool console) =>
        console ? TestFolder.Provider().OpenConsole(folder) : TestFolder.Provider().OpenEngine(folder);

    private static long Version(string folder)
    {
        using var session = Session.Open(Path.Combine(folder, "store.db"), TimeSpan.FromSeconds(10));
        return session.Number("PRAGMA user_version") ?? 0;
    }
}
