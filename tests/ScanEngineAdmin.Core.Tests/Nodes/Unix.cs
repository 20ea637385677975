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
}
