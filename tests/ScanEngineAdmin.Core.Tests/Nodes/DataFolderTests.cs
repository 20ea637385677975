using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Nodes;

public sealed class DataFolderTests : IDisposable
{
    private readonly TemporaryFolder _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public void What_was_asked_for_wins_over_all_else()
    {
        DataFolder folder = Resolve("asked", "environment");

        Assert.Equal(_temporary.Below("asked"), folder.Root);
        Assert.False(Directory.Exists(_temporary.Below("machine")));
    }

    [Fact]
    public void The_environment_wins_over_the_machine_wide_folder()
    {
        Directory.CreateDirectory(_temporary.Below("machine"));

        Assert.Equal(_temporary.Below("environment"), Resolve(null, "environment").Root);
    }

    [Fact]
    public void The_machine_wide_folder_is_made_where_it_may_be_made()
    {
        DataFolder folder = Resolve(null, null);
        Assert.Equal(Path.Combine(_temporary.Below("machine"), "console"), folder.EnsureConsole());
        Assert.Equal(_temporary.Below("machine"), folder.Root);
        Assert.Equal(_temporary.Below("machine"), Resolve(null, null).Root);
    }

    [Fact]
    public void Looking_makes_nothing_and_leaves_every_user_his_own()
    {
        DataFolder folder = Resolve(null, null);
        Assert.Equal(_temporary.Below("user"), folder.Root);
        Assert.False(Directory.Exists(folder.Console));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_temporary.Path));

        // One who had nowhere else to go before he might make the machine-wide folder.
        Directory.CreateDirectory(_temporary.Below("user"));
        Assert.Equal(Path.Combine(_temporary.Below("user"), "engine"), Resolve(null, null).EnsureEngine());
        Assert.False(Directory.Exists(_temporary.Below("machine")));
    }

    [Fact]
    public void The_users_own_folder_serves_where_the_machine_wide_one_may_not_be_made()
    {
        File.WriteAllText(_temporary.Below("file"), string.Empty);
        string cannotBeMade = Path.Combine(_temporary.Below("file"), "machine");

        DataFolder folder = DataFolder.Resolve(null, null, cannotBeMade, _temporary.Below("user"));
        folder.EnsureConsole();

        Assert.Equal(_temporary.Below("user"), folder.Root);
    }

    // /proc lets nobody write, root included, so this tells the truth whoever runs it.
    [Fact, NeedsLinux]
    public void A_machine_wide_folder_that_exists_and_may_not_be_used_is_an_error_of_its_own()
    {
        ScanEngineException fault = Assert.Throws<ScanEngineException>(
            () => DataFolder.Resolve(null, null, "/proc", _temporary.Below("user")).EnsureConsole());

        Assert.Equal(FaultCode.DataFolderNotWritable, fault.Code);
        Assert.Equal("/proc/console", fault.Target);
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("a\0b")]
    public void What_is_no_path_is_refused(string path)
    {
        Assert.Equal(
            FaultCode.DataFolderInvalid, Assert.Throws<ScanEngineException>(() => DataFolder.Resolve(path)).Code);
    }

    [Fact]
    public void A_file_is_no_data_folder()
    {
        File.WriteAllText(_temporary.Below("asked"), string.Empty);

        Assert.Equal(
            FaultCode.DataFolderInvalid, Assert.Throws<ScanEngineException>(() => Resolve("asked", null)).Code);
    }

    [Fact]
    public void A_relative_path_is_made_absolute()
    {
        Assert.Equal(Path.Combine(Environment.CurrentDirectory, "some", "data"), DataFolder.Resolve("some/data/").Root);
    }

    [Fact, NeedsLinux]
    public void The_nodes_folders_are_made_when_needed_and_are_the_owners_alone()
    {
        DataFolder folder = Resolve("asked", null);
        Assert.False(Directory.Exists(folder.Root));

        string console = folder.EnsureConsole();
        string engine = folder.EnsureEngine();

        Assert.Equal(folder.Console, console);
        Assert.Equal(folder.Engine, engine);
        foreach (string path in new[] { folder.Root, console, engine })
        {
            Assert.Equal(
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, Unix.Mode(path));
            Assert.DoesNotContain(Directory.GetFiles(path), file => file.Contains("probe", StringComparison.Ordinal));
        }
    }

    [Fact, NeedsLinux]
    public void A_folder_that_cannot_be_made_is_named_in_the_error()
    {
        ScanEngineException fault = Assert.Throws<ScanEngineException>(
            () => DataFolder.Resolve("/proc/no-such/data").EnsureConsole());

        Assert.Equal(FaultCode.DataFolderNotWritable, fault.Code);
        Assert.Contains("/proc/no-such/data", fault.Message, StringComparison.Ordinal);
        Assert.Contains("-DataPath", fault.Recommendation, StringComparison.Ordinal);
    }

    private DataFolder Resolve(string? asked, string? environment) => DataFolder.Resolve(
        asked is null ? null : _temporary.Below(asked),
        environment is null ? null : _temporary.Below(environment),
        _temporary.Below("machine"),
        _temporary.Below("user"));
}
