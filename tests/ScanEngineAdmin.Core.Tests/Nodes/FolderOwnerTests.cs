using System.Diagnostics;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Core.Certificates;
using ScanEngineAdmin.Core.Console;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Storage;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Nodes;

/// <summary>Whose a folder is, and what root does in one that is another user's.</summary>
public sealed class FolderOwnerTests : IDisposable
{
    private const string Someone = "54321";
    private const string Another = "54322";
    private readonly TemporaryFolder _temporary = new();

    public FolderOwnerTests()
    {
        NeedsAttribute.SkipFor(ThisMachine.WhyNotRoot);
        Run("chmod", "755", _temporary.Path);
    }

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public void Roots_own_folder_is_roots_and_one_that_is_not_there_its_parents()
    {
        Assert.Equal(0u, FolderOwner.Of(_temporary.Path).User);
        Assert.Equal(0u, FolderOwner.Of(_temporary.Below("not/there")).User);
        string his = Make("his", Someone);
        Assert.Equal(54321u, FolderOwner.Of(his).User);
        Assert.Equal(54321u, FolderOwner.Of(Path.Combine(his, "console")).User);
    }

    [Theory]
    [InlineData("777")]
    [InlineData("770")]
    [InlineData("1777")]
    public void A_folder_that_others_may_write_is_refused(string mode)
    {
        string his = Make("his", Someone);
        Run("chmod", mode, his);
        Refused(his);
    }

    [Fact]
    public void A_folder_in_one_that_others_may_write_is_refused()
    {
        string shared = Make("shared", "0");
        Run("chmod", "777", shared);
        string inside = Path.Combine(shared, "console");
        Directory.CreateDirectory(inside);
        Refused(inside);
        Run("chmod", "1777", shared);
        Assert.Equal(0u, FolderOwner.Of(inside).User);
    }

    [Fact]
    public void A_folder_in_another_users_is_refused_even_if_it_is_roots()
    {
        string his = Make("his", Someone);
        string inside = Path.Combine(his, "console");
        Directory.CreateDirectory(inside);
        Refused(inside);
        Run("chown", Another, inside);
        Refused(inside);
        Run("chown", Someone, inside);
        Assert.Equal(54321u, FolderOwner.Of(inside).User);
    }

    [Fact]
    public void A_link_is_followed_only_where_root_made_it()
    {
        string real = Make("real", "0");
        string link = _temporary.Below("link");
        Directory.CreateSymbolicLink(link, real);
        Assert.Equal(0u, FolderOwner.Of(link).User);
        Run("chown", "-h", Someone, link);
        Refused(link);

        string his = Make("his", Someone);
        Directory.CreateSymbolicLink(Path.Combine(his, "console"), real);
        Refused(Path.Combine(his, "console"));
    }

    [Fact]
    public void What_root_makes_in_anothers_folder_is_the_others_and_only_what_he_could_make()
    {
        string his = Make("his", Someone);
        OwnerRights.In(his, () => File.WriteAllText(Path.Combine(his, "file"), "x"));
        Assert.Equal(54321u, FileFacts.Of(Path.Combine(his, "file"))!.Value.User);

        string roots = Make("roots", "0");
        Assert.ThrowsAny<Exception>(() => OwnerRights.In(his, () => File.WriteAllText(Path.Combine(roots, "x"), "x")));
        Assert.Empty(Directory.GetFiles(roots));
        File.WriteAllText(Path.Combine(roots, "mine"), "x");
    }

    [Fact]
    public void Roots_supplementary_groups_do_not_come_along_and_are_there_again_afterwards()
    {
        string before = Status("Groups:");
        string his = Make("his", Someone);
        Assert.Equal("Groups:", OwnerRights.In(his, () => Status("Groups:")).Trim());
        Assert.Equal(before, Status("Groups:"));
    }

    [Fact]
    public void An_admins_session_of_root_leaves_nothing_that_the_owner_cannot_read()
    {
        string his = Make("his", Someone);
        var folder = DataFolder.Resolve(his);
        using (ConsoleAdmin admin = ConsoleAdmin.Open(folder, new SqliteStoreProvider()))
        {
            admin.CreateSecret(TimeSpan.FromHours(1), null, singleUse: true);
            admin.RegisterEngine("lab-1", "192.0.2.1", 40814, null);
            new RotationFiles(folder.Console, TimeProvider.System).Prepare();
            Assert.False(admin.Describe().IsRunning);
        }

        string[] made = Directory.GetFileSystemEntries(his, "*", SearchOption.AllDirectories);
        Assert.Contains(made, path => path.EndsWith("next.key", StringComparison.Ordinal));
        Assert.All(made, path => Assert.Equal(54321u, FileFacts.Of(path)!.Value.User));
    }

    [Fact]
    public async Task A_node_and_an_import_are_left_to_the_owner_by_name()
    {
        string his = Make("his", Someone);
        var folder = DataFolder.Resolve(his);
        ScanEngineException refused = await Assert.ThrowsAsync<ScanEngineException>(() => ConsoleNode.StartAsync(
            folder, new SqliteStoreProvider(), new ConsoleNodeOptions(), _ => { }, CancellationToken.None));
        Assert.Equal(FaultCode.DataFolderOfAnother, refused.Code);
        Assert.Contains("runuser -u #54321", refused.Recommendation, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(his));
    }

    private static void Refused(string folder) => Assert.Equal(
        FaultCode.DataFolderNotSafe, Assert.Throws<ScanEngineException>(() => FolderOwner.Of(folder)).Code);

    private static string Status(string row) =>
        File.ReadLines("/proc/thread-self/status").First(line => line.StartsWith(row, StringComparison.Ordinal));

    private string Make(string name, string owner)
    {
        string path = _temporary.Below(name);
        Directory.CreateDirectory(path);
        Run("chmod", "755", path);
        Run("chown", owner, path);
        return path;
    }

    private static void Run(string program, params string[] arguments)
    {
        using Process done = Process.Start(program, arguments);
        done.WaitForExit();
        Assert.Equal(0, done.ExitCode);
    }
}
