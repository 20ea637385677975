using System.Diagnostics;

namespace ScanEngineAdmin.Tests.Shared;

/// <summary>A file system of a few megabytes in memory, and another program that takes its room.</summary>
internal sealed class SmallDisk : IDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(3);
    private readonly DirectoryInfo _mount = Directory.CreateTempSubdirectory("sea-disk-");
    private int _fillers;
    private int _places;

    /// <param name="megabytes">Its size.</param>
    /// <param name="files">How many files and folders it has places for; null for more than anybody needs.</param>
    public SmallDisk(int megabytes, int? files = null) => Run(
        "mount", "-t", "tmpfs", "-o", $"size={megabytes}m,mode=700{(files is { } most ? $",nr_inodes={most}" : "")}",
        "tmpfs", Path);

    public string Path => _mount.FullName;

    public long Available => new DriveInfo(Path).AvailableFreeSpace;

    public long Total => new DriveInfo(Path).TotalSize;

    /// <summary>Another program takes all the room but so much.</summary>
    public void Fill(long leaving = 0)
    {
        byte[] block = new byte[4096];
        try
        {
            using var file = new FileStream(
                Filler(_fillers++), FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
            while (Available > leaving)
            {
                file.Write(block);
            }
        }
        catch (IOException)
        {
            // Nothing is left, which is what it is for.
        }
    }

    /// <summary>Another program takes all places for files but so many; the bytes stay.</summary>
    public void FillPlaces(int leaving = 0)
    {
        try
        {
            while (true)
            {
                // Not a file: a process that is just being started has a copy of one that is open, and holds its place.
                Directory.CreateDirectory(Place(_places));
                _places++;
            }
        }
        catch (IOException)
        {
            for (; leaving > 0; leaving--)
            {
                Directory.Delete(Place(--_places));
            }
        }
    }

    public void Free()
    {
        while (_places > 0)
        {
            Directory.Delete(Place(--_places));
        }

        while (_fillers > 0)
        {
            // Emptied first: its room is free at once then, whoever has a copy of it open.
            string filler = Filler(--_fillers);
            new FileStream(filler, FileMode.Truncate).Dispose();
            File.Delete(filler);
        }
    }

    public void Dispose()
    {
        Run("umount", "-l", Path);
        _mount.Delete();
    }

    private static void Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(program, arguments);
        if (!process.WaitForExit(Bound) || process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} failed.");
        }
    }

    private string Place(int number) => System.IO.Path.Combine(Path, $"place-{number}");

    private string Filler(int number) => System.IO.Path.Combine(Path, number == 0 ? "filler" : $"filler-{number}");
}
