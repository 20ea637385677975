using System.Runtime.Versioning;
using Newtonsoft.Json.Linq;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Service.Tests;

/// <summary>The log in a file: the same lines as on standard output, in a folder that nobody else can write.</summary>
public sealed class LogFileTests
{
    [Theory]
    [InlineData("console")]
    [InlineData("engine")]
    public async Task The_file_has_the_lines_of_standard_output(string role)
    {
        using var folder = new TemporaryFolder();
        string file = folder.Below("node.log");
        for (int run = 1; run <= 2; run++)
        {
            await using HostProcess host = HostProcess.Start(
                role, "--data", folder.Below("data"), "--listen", "127.0.0.1:0", "--log", file, "--stop-with-stdin");
            await host.ListeningAsync(role);
            host.CloseInput();
            Assert.Equal(0, await host.EndAsync());

            string[] lines = await File.ReadAllLinesAsync(file);
            string[] said = host.Output.Split('\n');
            Assert.Equal(said, lines[^said.Length..]);
            Assert.All(lines, static line => Assert.NotNull((string?)JObject.Parse(line)["event"]));
            Assert.Equal(run, lines.Count(static line => line.Contains("Stopped\"", StringComparison.Ordinal)));
        }
    }

    [Theory, NeedsLinux]
    [InlineData("pipe")]
    [InlineData("link")]
    public async Task What_is_no_file_is_refused_before_it_holds_the_start_up(string kind)
    {
        using var folder = new TemporaryFolder();
        string log = folder.Below("node.log");
        if (kind == "pipe")
        {
            using var made = System.Diagnostics.Process.Start("mkfifo", [log]);
            await made.WaitForExitAsync();
        }
        else
        {
            File.CreateSymbolicLink(log, folder.Below("victim"));
        }

        await using HostProcess host = HostProcess.Start(
            "console", "--data", folder.Below("data"), "--listen", "127.0.0.1:0", "--log", log);

        Assert.Equal(3, await host.EndAsync());
        Assert.StartsWith("OptionInvalid", host.Error, StringComparison.Ordinal);
        Assert.Contains($"it is a {kind}", host.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(folder.Below("victim")));
    }

    [Fact, NeedsLinux]
    [UnsupportedOSPlatform("windows")]
    public async Task A_folder_that_others_may_write_is_refused()
    {
        using var folder = new TemporaryFolder();
        string open = Directory.CreateDirectory(folder.Below("open")).FullName;
        File.SetUnixFileMode(open, (UnixFileMode)0x1FF);

        await using HostProcess host = HostProcess.Start(
            "console", "--data", folder.Below("data"), "--listen", "127.0.0.1:0", "--log", Path.Combine(open, "log"));

        Assert.Equal(3, await host.EndAsync());
        Assert.StartsWith("DataFolderNotSafe", host.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(open));
    }
}
