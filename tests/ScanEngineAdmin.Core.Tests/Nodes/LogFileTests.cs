using System.Runtime.Versioning;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Nodes;

/// <summary>A node's log in a file: bounded, its owner's alone, and never in the way of a node.</summary>
public sealed class LogFileTests : IDisposable
{
    private const UnixFileMode OwnerFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly TemporaryFolder _folder = new();

    private string LogPath => _folder.Below(Path.Combine("logs", "node.log"));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Each_line_is_an_object_whatever_a_peer_says_and_a_second_run_goes_on()
    {
        for (int run = 0; run < 2; run++)
        {
            await using LogFile log = LogFile.Open(LogPath, "-LogPath");
            log.Write(Entry("a \"peer\"\n{\"event\":\"Forged\"}\u2028"));
            log.Write(Entry("b"));
        }

        string[] lines = await File.ReadAllLinesAsync(LogPath);
        Assert.Equal(4, lines.Length);
        using JsonDocument first = JsonDocument.Parse(lines[0]);
        Assert.Equal(
            ["time", "level", "event", "message", "engine"],
            first.RootElement.EnumerateObject().Select(static one => one.Name));
        Assert.Equal("a \"peer\"\n{\"event\":\"Forged\"}\u2028", first.RootElement.GetProperty("message").GetString());
        Assert.Equal(("Warning", "Tried", "lab-1"), (
            first.RootElement.GetProperty("level").GetString(), first.RootElement.GetProperty("event").GetString(),
            first.RootElement.GetProperty("engine").GetString()));
    }

    [Fact]
    public async Task Files_are_so_long_and_so_many_at_the_most_and_no_line_is_cut()
    {
        const int MostBytes = 1000;
        await using (LogFile log = LogFile.Open(LogPath, "-LogPath", MostBytes, files: 3))
        {
            for (int i = 0; i < 100; i++)
            {
                log.Write(Entry($"{i}"));
            }
        }

        string[] files = [LogPath + ".2", LogPath + ".1", LogPath];
        Assert.Equal(files.Order(), Directory.GetFiles(Path.GetDirectoryName(LogPath)!).Order());
        Assert.All(files, static file => Assert.InRange(new FileInfo(file).Length, 1, MostBytes));
        int[] kept = [.. files.SelectMany(File.ReadAllLines).Select(static line =>
        {
            using JsonDocument parsed = JsonDocument.Parse(line);
            return int.Parse(parsed.RootElement.GetProperty("message").GetString()!, System.Globalization.CultureInfo.InvariantCulture);
        })];
        Assert.Equal(Enumerable.Range(100 - kept.Length, kept.Length), kept);
    }

    [Fact, NeedsLinux]
    [UnsupportedOSPlatform("windows")]
    public async Task Every_file_is_its_owners_alone_also_one_that_was_open_to_others()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(LogPath)!, OwnerFile | UnixFileMode.UserExecute);
        await File.WriteAllTextAsync(LogPath, "old\n");
        File.SetUnixFileMode(LogPath, OwnerFile | UnixFileMode.OtherRead);
        await using (LogFile log = LogFile.Open(LogPath, "-LogPath", mostBytes: 200, files: 2))
        {
            log.Write(Entry(new string('x', 150)));
            log.Write(Entry(new string('y', 150)));
        }

        Assert.All(Directory.GetFiles(Path.GetDirectoryName(LogPath)!), static file => Assert.Equal(OwnerFile, File.GetUnixFileMode(file)));
        Assert.Equal(2, Directory.GetFiles(Path.GetDirectoryName(LogPath)!).Length);
    }

    [Theory, NeedsLinux]
    [InlineData("link", "a link")]
    [InlineData("pipe", "a pipe")]
    [InlineData("folder", "a folder")]
    [InlineData("taken", "another node writes it")]
    public async Task What_is_no_file_of_ones_own_is_refused(string kind, string why)
    {
        string path = _folder.Below("node.log");
        LogFile? other = null;
        switch (kind)
        {
            case "link":
                File.CreateSymbolicLink(path, _folder.Below("victim"));
                break;
            case "pipe":
                Unix.MakePipe(path);
                break;
            case "folder":
                Directory.CreateDirectory(path);
                break;
            default:
                other = LogFile.Open(path, "-LogPath");
                break;
        }

        ScanEngineException refused = await Task.Run(() => Assert.Throws<ScanEngineException>(
            () => LogFile.Open(path, "-LogPath"))).WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal(FaultCode.OptionInvalid, refused.Code);
        Assert.Contains(why, refused.Message, StringComparison.Ordinal);
        Assert.Contains("-LogPath", refused.Recommendation, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder.Below("victim")));
        if (other is not null)
        {
            await other.DisposeAsync();
        }
    }

    [Fact, NeedsLinux]
    [UnsupportedOSPlatform("windows")]
    public void A_folder_that_others_may_write_is_refused()
    {
        string open = Directory.CreateDirectory(_folder.Below("open")).FullName;
        File.SetUnixFileMode(open, (UnixFileMode)0x1FF);

        Assert.Equal(FaultCode.DataFolderNotSafe, Assert.Throws<ScanEngineException>(
            () => LogFile.Open(Path.Combine(open, "node.log"), "-LogPath")).Code);
        Assert.Empty(Directory.GetFileSystemEntries(open));
    }

    [Fact, NeedsLinux]
    public async Task What_was_closed_is_free_at_once_though_a_process_that_begins_still_has_a_copy()
    {
        LogFile log = LogFile.Open(LogPath, "-LogPath");
        using SafeFileHandle copy = Unix.Inherit(LogPath);
        await log.DisposeAsync();

        await LogFile.Open(LogPath, "-LogPath").DisposeAsync();
    }

    [Fact, NeedsLinux]
    public async Task A_link_that_comes_in_the_way_of_a_turn_is_replaced_and_not_followed()
    {
        await using (LogFile log = LogFile.Open(LogPath, "-LogPath", mostBytes: 200, files: 2))
        {
            File.CreateSymbolicLink(LogPath + ".1", _folder.Below("victim"));
            log.Write(Entry(new string('x', 150)));
            log.Write(Entry(new string('y', 150)));
        }

        Assert.False(File.Exists(_folder.Below("victim")));
        Assert.Null(new FileInfo(LogPath + ".1").LinkTarget);
        Assert.Contains("xxx", await File.ReadAllTextAsync(LogPath + ".1"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_line_that_cannot_be_made_is_left_out_and_the_next_one_says_so()
    {
        await using (LogFile log = LogFile.Open(LogPath, "-LogPath"))
        {
            log.Write(Entry("a") with { Fields = null! });
            log.Write(Entry("b"));
        }

        Assert.Contains(
            "\"b (1 lines before this one were left out.)\"", Assert.Single(await File.ReadAllLinesAsync(LogPath)), StringComparison.Ordinal);
    }

    private static LogEntry Entry(string message) => new(
        new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.Zero), LogLevel.Warning, "Tried", message,
        new Dictionary<string, string> { ["engine"] = "lab-1" });
}
