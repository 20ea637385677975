using System.Globalization;
using System.Text.RegularExpressions;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Service.Tests;

/// <summary>The demo tells the whole story, and cleans up after itself however it ends.</summary>
public sealed partial class DemoTests
{
    [Fact]
    public async Task It_shows_the_main_job_and_leaves_nothing_behind()
    {
        using var temp = new TemporaryFolder();
        await using HostProcess demo = HostProcess.StartWithTemp(temp.Path, "demo");

        Assert.True(await demo.EndAsync() == 0, demo.Output + demo.Error);

        Assert.Matches(@"demo-engine +ConsoleToEngine +console ──\d+──▶ engine +Active", demo.Output);
        Assert.Matches(@"demo-engine +EngineToConsole +console ◀──\d+── engine +Active", demo.Output);
        Assert.Matches(@"127\.0\.0\.1 +\d+ +Open .*220 mail\.demo\.example", demo.Output);
        foreach (string expected in new[]
        {
            "Firewall plan for demo-engine: standard (console to engine) -> reverse (engine to console) (Committed)",
            "Firewall plan for demo-engine: reverse (engine to console) -> standard (console to engine) (Committed)",
            "The three scans found the same.",
            "Both processes stopped cleanly.",
        })
        {
            Assert.Contains(expected, demo.Output, StringComparison.Ordinal);
        }

        Assert.Empty(demo.Error);
        AssertNothingLeft(temp);
        if (OperatingSystem.IsLinux())
        {
            Assert.All(await ChildrenAsync(demo), child => Assert.True(Processes.HasEnded(child)));
        }
    }

    [Theory, NeedsLinux]
    [InlineData(Processes.Interrupt)]
    [InlineData(Processes.Terminate)]
    public async Task Interrupted_in_the_middle_it_fails_and_leaves_nothing_behind(int signal)
    {
        using var temp = new TemporaryFolder();
        await using HostProcess demo = HostProcess.StartWithTemp(temp.Path, "demo");
        int[] children = await ChildrenAsync(demo);
        await demo.LineAsync(line => line.StartsWith("2. Scan", StringComparison.Ordinal));

        demo.Signal(signal);

        Assert.Equal(1, await demo.EndAsync());
        Assert.Contains("interrupted", demo.Error, StringComparison.OrdinalIgnoreCase);
        Assert.All(children, child => Assert.True(Processes.HasEnded(child)));
        AssertNothingLeft(temp);
    }

    [Fact, NeedsLinux]
    public async Task Killed_it_takes_its_processes_with_it()
    {
        using var temp = new TemporaryFolder();
        await using HostProcess demo = HostProcess.StartWithTemp(temp.Path, "demo");
        int[] children = await ChildrenAsync(demo);

        await demo.KillAsync();

        await Until.TrueAsync(
            () => children.All(Processes.HasEnded), "The demo's console and engine went on without it.");
    }

    [Fact]
    public async Task Told_to_keep_its_folder_it_says_where_it_is()
    {
        using var temp = new TemporaryFolder();
        await using HostProcess demo = HostProcess.StartWithTemp(temp.Path, "demo", "--keep");

        Assert.Equal(0, await demo.EndAsync());

        string kept = await demo.LineAsync(line => line.StartsWith("Kept: ", StringComparison.Ordinal));
        Assert.True(File.Exists(Path.Combine(kept[6..], "console-host", "console", "store.db")));
        Assert.True(File.Exists(Path.Combine(kept[6..], "engine-host", "engine", "store.db")));
    }

    private static void AssertNothingLeft(TemporaryFolder temp) =>
        Assert.Empty(Directory.GetFileSystemEntries(temp.Path, "scanengineadmin*"));

    private static async Task<int[]> ChildrenAsync(HostProcess demo)
    {
        var children = new List<int>();
        foreach (string name in new[] { "Security Console:", "Scan Engine:" })
        {
            string said = await demo.LineAsync(
                line => line.StartsWith(name, StringComparison.Ordinal) && ProcessId().IsMatch(line));
            children.Add(int.Parse(ProcessId().Match(said).Groups[1].Value, CultureInfo.InvariantCulture));
        }

        return [.. children];
    }

    [GeneratedRegex(@"process (\d+) on")]
    private static partial Regex ProcessId();
}
