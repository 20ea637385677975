using System.Diagnostics;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Nodes;

public sealed class FolderLockTests : IDisposable
{
    private readonly TemporaryFolder _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public void Only_one_holds_a_folder_even_within_a_process()
    {
        using FolderLock? first = FolderLock.TryTake(_temporary.Path);

        Assert.NotNull(first);
        Assert.Null(FolderLock.TryTake(_temporary.Path));
        Assert.True(FolderLock.IsHeld(_temporary.Path));
    }

    [Fact]
    public void What_was_given_back_can_be_taken()
    {
        FolderLock.TryTake(_temporary.Path)!.Dispose();

        Assert.False(FolderLock.IsHeld(_temporary.Path));
        using FolderLock? again = FolderLock.TryTake(_temporary.Path);
        Assert.NotNull(again);
    }

    [Fact]
    public void A_folder_that_nobody_ever_held_is_free_and_stays_untouched()
    {
        Assert.False(FolderLock.IsHeld(_temporary.Path));
        Assert.False(FolderLock.IsHeld(_temporary.Below("none")));
        Assert.Empty(Directory.GetFiles(_temporary.Path));
    }

    [Fact]
    public async Task Probes_neither_see_each_other_nor_keep_anybody_out()
    {
        FolderLock.TryTake(_temporary.Path)!.Dispose();
        using var stop = new CancellationTokenSource();
        int seen = 0;
        Task[] probes = Enumerable.Range(0, 3).Select(_ => Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                if (FolderLock.IsHeld(_temporary.Path))
                {
                    Interlocked.Increment(ref seen);
                }
            }
        })).ToArray();

        // Nobody holds it here: a probe that says otherwise has seen another probe.
        for (int i = 0; i < 2000; i++)
        {
            Assert.False(FolderLock.IsHeld(_temporary.Path));
        }

        Assert.Equal(0, Volatile.Read(ref seen));
        for (int i = 0; i < 200; i++)
        {
            using FolderLock? taken = FolderLock.TryTake(_temporary.Path);
            Assert.NotNull(taken);
        }

        await stop.CancelAsync();
        await Task.WhenAll(probes).WaitAsync(TimeSpan.FromMinutes(3));
    }

    // The shell holds the very kind of lock that the product takes; it is killed, not asked.
    [Fact, NeedsLinux]
    public async Task The_kernel_frees_the_lock_of_a_killed_process()
    {
        FolderLock.TryTake(_temporary.Path)!.Dispose();
        using var holder = Process.Start(new ProcessStartInfo("flock")
        {
            ArgumentList =
            {
                "--exclusive", "--no-fork", _temporary.Below("lock"), "sh", "-c", "echo held; exec sleep 600",
            },
            RedirectStandardOutput = true,
        })!;
        Assert.Equal("held", await holder.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromMinutes(3)));
        Assert.True(FolderLock.IsHeld(_temporary.Path));
        Assert.Null(FolderLock.TryTake(_temporary.Path));

        holder.Kill();
        await holder.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(3));

        Assert.False(FolderLock.IsHeld(_temporary.Path));
        using FolderLock? taken = FolderLock.TryTake(_temporary.Path);
        Assert.NotNull(taken);
    }

    [Fact]
    public void A_folder_that_cannot_be_written_is_an_error_and_not_a_lock_held_by_somebody()
    {
        Assert.Equal(
            FaultCode.DataFolderNotWritable,
            Assert.Throws<ScanEngineException>(() => FolderLock.TryTake("/proc")).Code);
    }
}
