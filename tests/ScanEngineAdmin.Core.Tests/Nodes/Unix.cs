using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ScanEngineAdmin.Core.Tests.Nodes;

// Modes are a promise on Unix alone; elsewhere these calls fail loudly, and so does the test that needs them.
internal static class Unix
{
#pragma warning disable CA1416
    internal static UnixFileMode Mode(string path) => File.GetUnixFileMode(path);

    internal static void SetMode(string path, UnixFileMode mode) => File.SetUnixFileMode(path, mode);
#pragma warning restore CA1416

    internal static void MakePipe(string path)
    {
        using System.Diagnostics.Process made = System.Diagnostics.Process.Start("mkfifo", [path]);
        made.WaitForExit();
        Assert.Equal(0, made.ExitCode);
    }

    /// <summary>A copy of the open file at that path, as a process has it until its program runs.</summary>
    internal static SafeFileHandle Inherit(string path)
    {
        string open = Directory.GetFiles("/proc/self/fd").First(one => new FileInfo(one).LinkTarget == path);
        int copy = Duplicate(int.Parse(Path.GetFileName(open), CultureInfo.InvariantCulture));
        Assert.NotEqual(-1, copy);
        return new SafeFileHandle(copy, ownsHandle: true);
    }

    [DllImport("libc", EntryPoint = "dup")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Duplicate(int descriptor);
}
