using ScanEngineAdmin.Storage.Sqlite;

namespace ScanEngineAdmin.Storage.Tests;

/// <summary>The sizes that docs/security.md names for the disk of a store.</summary>
public sealed class PromisedRoomTests
{
    private const long Mebi = 1 << 20;

    [Fact]
    public void On_a_usual_disk_64_MiB_stay_free_and_12_more_are_kept_for_what_must_be_written()
    {
        var disk = new StoreDisk("x", _ => new DiskSpace(1024 * 1024 * Mebi, 1024 * 1024 * Mebi));
        Assert.Equal((64 * Mebi, 12 * Mebi, 2 * Mebi), (disk.Floor, disk.Reserve + disk.NodeReserve, disk.Log));
    }

    [Theory]
    [InlineData(6)]
    [InlineData(12)]
    [InlineData(200)]
    public void On_a_small_disk_a_fifth_stays_free_and_the_log_is_shorter_than_what_is_kept(long mebibytes)
    {
        var disk = new StoreDisk("x", _ => new DiskSpace(mebibytes * Mebi, mebibytes * Mebi));
        Assert.Equal(mebibytes * Mebi / 5, disk.Floor);
        Assert.True(disk.Log < disk.Floor && disk.Log < disk.Reserve && disk.Log < disk.NodeReserve);
    }
}
