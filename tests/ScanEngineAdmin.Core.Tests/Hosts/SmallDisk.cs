using System.Diagnostics;

namespace ScanEngineAdmin.Core.Tests.Hosts;

/// <summary>A file system of a few megabytes in memory, which can be filled to the last byte.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly DirectoryInfo _mount = Directory.CreateTempSubdirectory("sea-disk-");

    public SmallDisk(int megabytes) => Run("mount", "-t", "tmpfs", "-o", $"size={megabytes}m,mode=700", "tmpfs", Path);

    public string Path => _mount.FullName;

    private string Filler => System.IO.Path.Combine(Path, "filler");

    /// <summary>Takes all the room there is.</summary>
    public void Fill()
    {
        byte[] block = new byte[4096];
        try
        {
            using var file = new FileStream(Filler, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
            while (true)
            {
                file.Write(block);
            }
        }
        catch (IOException)
        {
            // That is what it is for.
        }
    }

    public void Free() => File.Delete(Filler);

    public void Dispose()
    {
        Run("umount", "-l", Path);
        _mount.Delete();
    }

    private static void Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(program, arguments);
        Assert.True(process.WaitForExit(TimeSpan.FromSeconds(30)));
        Assert.Equal(0, process.ExitCode);
    }
}
