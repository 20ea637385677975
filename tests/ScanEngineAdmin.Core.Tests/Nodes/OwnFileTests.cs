using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Nodes;

/// <summary>What lies in the place of a file holds nobody up and leads nowhere.</summary>
public sealed class OwnFileTests : IDisposable
{
    private readonly TemporaryFolder _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public void A_file_is_read_whole()
    {
        File.WriteAllText(_temporary.Below("file"), "text");
        Assert.Equal("text", OwnFile.ReadText(_temporary.Below("file")));
        Assert.Throws<FileNotFoundException>(() => OwnFile.ReadText(_temporary.Below("none")));
    }

    [Fact, NeedsLinux]
    public void A_link_a_pipe_and_a_device_are_not_opened()
    {
        File.WriteAllText(_temporary.Below("file"), "text");
        File.CreateSymbolicLink(_temporary.Below("link"), _temporary.Below("file"));
        Unix.MakePipe(_temporary.Below("pipe"));
        foreach (string path in new[] { _temporary.Below("link"), _temporary.Below("pipe"), "/dev/zero" })
        {
            Assert.False(OwnFile.Exists(path));
            Assert.ThrowsAny<IOException>(() => OwnFile.ReadText(path));
        }
    }

    [Fact]
    public void A_file_that_is_too_long_is_not_read_to_its_end()
    {
        using (FileStream sparse = File.Create(_temporary.Below("huge")))
        {
            sparse.SetLength(1L << 40);
        }

        Assert.ThrowsAny<IOException>(() => OwnFile.ReadText(_temporary.Below("huge")));
    }

    [Fact]
    public async Task Of_many_that_move_a_file_to_one_new_name_one_alone_does()
    {
        const int Movers = 4;
        for (int round = 0; round < 200; round++)
        {
            using var together = new Barrier(Movers);
            string to = _temporary.Below($"to-{round}");
            bool[] moved = await Task.WhenAll(Enumerable.Range(0, Movers).Select(mover =>
            {
                string from = _temporary.Below($"from-{round}-{mover}");
                File.WriteAllText(from, $"{mover}");
                return Task.Factory.StartNew(
                    () =>
                    {
                        together.SignalAndWait(TimeSpan.FromMinutes(3));
                        try
                        {
                            OwnFile.Move(from, to, overwrite: false);
                            return true;
                        }
                        catch (IOException)
                        {
                            return false;
                        }
                    },
                    CancellationToken.None,
                    TaskCreationOptions.LongRunning,
                    TaskScheduler.Default);
            }));

            Assert.Equal([File.ReadAllText(to)], Enumerable.Range(0, Movers).Where(one => moved[one]).Select(one => $"{one}"));
        }

        Assert.Throws<FileNotFoundException>(
            () => OwnFile.Move(_temporary.Below("none"), _temporary.Below("new"), overwrite: false));
    }

    [Fact, NeedsLinux]
    public void A_link_or_a_pipe_in_the_place_of_a_lock_makes_and_holds_up_nothing()
    {
        File.CreateSymbolicLink(_temporary.Below("lock"), _temporary.Below("victim"));
        Assert.Equal(
            FaultCode.DataFolderNotWritable,
            Assert.Throws<ScanEngineException>(() => FolderLock.TryTake(_temporary.Path)).Code);
        Assert.False(File.Exists(_temporary.Below("victim")));

        Unix.MakePipe(_temporary.Below("other"));
        Assert.Throws<ScanEngineException>(() => FolderLock.IsHeld(_temporary.Path, "other"));
        Assert.Throws<ScanEngineException>(() => FolderLock.TryTake(_temporary.Path, "other"));
    }
}
