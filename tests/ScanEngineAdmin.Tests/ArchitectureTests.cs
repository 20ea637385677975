namespace ScanEngineAdmin.Tests;

/// <summary>The arrows of the house: nothing points up, and PowerShell is seen by the cmdlets only.</summary>
public sealed class ArchitectureTests : IDisposable
{
    private readonly Metadata _metadata = new();

    public void Dispose() => _metadata.Dispose();

    [Theory]
    [InlineData("ScanEngineAdmin.Channel", "")]
    [InlineData("ScanEngineAdmin.Domain", "Channel")]
    [InlineData("ScanEngineAdmin.Firewall", "Channel Domain")]
    [InlineData("ScanEngineAdmin.Scanning", "Channel Domain")]
    [InlineData("ScanEngineAdmin.Storage", "Channel Domain")]
    [InlineData("ScanEngineAdmin.Core", "Channel Domain Firewall Scanning")]
    [InlineData("ScanEngineAdmin", "Channel Domain Firewall Scanning Core")]
    [InlineData("ScanEngineAdmin.Service", "Channel Domain Firewall Scanning Core Storage")]
    public void A_project_knows_only_what_is_below_it(string project, string allowed)
    {
        IEnumerable<string> ours = References(project)
            .Where(name => name.StartsWith("ScanEngineAdmin", StringComparison.Ordinal));

        Assert.Empty(ours.Except(allowed.Split(' ').Select(name => $"ScanEngineAdmin.{name}")));
    }

    [Theory]
    [InlineData("ScanEngineAdmin.Channel")]
    [InlineData("ScanEngineAdmin.Domain")]
    [InlineData("ScanEngineAdmin.Firewall")]
    [InlineData("ScanEngineAdmin.Scanning")]
    [InlineData("ScanEngineAdmin.Core")]
    [InlineData("ScanEngineAdmin.Storage")]
    [InlineData("ScanEngineAdmin.Service")]
    public void Only_the_cmdlets_see_PowerShell(string project) =>
        Assert.DoesNotContain("System.Management.Automation", References(project));

    [Theory]
    [InlineData("ScanEngineAdmin.Channel")]
    [InlineData("ScanEngineAdmin.Domain")]
    [InlineData("ScanEngineAdmin.Firewall")]
    [InlineData("ScanEngineAdmin.Scanning")]
    [InlineData("ScanEngineAdmin.Core")]
    [InlineData("ScanEngineAdmin")]
    public void Only_the_store_sees_the_database_library(string project) => Assert.DoesNotContain(
        References(project), name => name.StartsWith("Microsoft.Data.Sqlite", StringComparison.Ordinal)
            || name.StartsWith("SQLitePCLRaw", StringComparison.Ordinal));

    [Fact]
    public void The_modules_folder_holds_one_copy_of_what_is_shared()
    {
        string bin = Path.Combine(Checkout.Root, "module", "bin");
        string[] top = [.. Directory.GetFiles(bin, "*.dll").Select(Path.GetFileName).Order()!];
        string[] storage = [.. Directory.GetFiles(Path.Combine(bin, "storage"), "*.dll").Select(Path.GetFileName)!];

        string[] shared = ["Channel.dll", "Core.dll", "Domain.dll", "Firewall.dll", "Scanning.dll", "dll"];
        Assert.Equal(shared.Select(name => $"ScanEngineAdmin.{name}"), top);
        Assert.Contains("ScanEngineAdmin.Storage.dll", storage);
        Assert.Contains("Microsoft.Data.Sqlite.dll", storage);
        Assert.All(storage, file => Assert.True(Loading.StorageRule.IsPrivate(Path.GetFileNameWithoutExtension(file))));
    }

    [Fact]
    public void The_modules_folder_holds_the_native_library_of_every_system_we_ship_for()
    {
        string runtimes = Path.Combine(Checkout.Root, "module", "bin", "storage", "runtimes");
        string[] wanted =
        [
            "linux-arm", "linux-arm64", "linux-musl-arm64", "linux-musl-x64", "linux-x64", "osx-arm64", "osx-x64",
            "win-arm64", "win-x64",
        ];

        Assert.Equal(wanted, Directory.GetDirectories(runtimes).Select(Path.GetFileName).Order());
        Assert.All(wanted, rid => Assert.True(File.Exists(Path.Combine(
            runtimes, "..", Loading.StorageRule.NativePath("e_sqlite3", rid)))));
    }

    private IEnumerable<string> References(string project) =>
        _metadata.Load(Checkout.Assembly(project)).GetReferencedAssemblies().Select(name => name.Name!);
}
