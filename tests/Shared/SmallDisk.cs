using System.Diagnostics;

namespace ScanEngineAdmin.Tests.Shared;

/// <summary>A file system of a few megabytes in memory, and another program that takes its room.</summary>
internal sealed class SmallDisk : IDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(3);
    private readonly DirectoryInfo _mount = Directory.CreateTempSubdirectory("sea-disk-");
    private int _fillers;

    public SmallDisk(int megabytes) => Run("mount", "-t", "tmpfs", "-o", $"size={megabytes}m,mode=700", "tmpfs", Path);

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

    public void Free()
    {
        while (_fillers > 0)
        {
            File.Delete(Filler(--_fillers));
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

    private string Filler(int number) => System.IO.Path.Combine(Path, number == 0 ? "filler" : $"filler-{number}");
}
