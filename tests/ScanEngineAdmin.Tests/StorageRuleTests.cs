using System.Runtime.InteropServices;
using ScanEngineAdmin.Loading;

namespace ScanEngineAdmin.Tests;

public sealed class StorageRuleTests
{
    [Theory]
    [InlineData("ScanEngineAdmin.Storage", true)]
    [InlineData("Cronos", true)]
    [InlineData("Microsoft.Data.Sqlite", true)]
    [InlineData("SQLitePCLRaw.core", true)]
    [InlineData("SQLitePCLRaw.provider.e_sqlite3", true)]
    [InlineData("ScanEngineAdmin.Core", false)]
    [InlineData("ScanEngineAdmin.Domain", false)]
    [InlineData("ScanEngineAdmin.Channel", false)]
    [InlineData("Newtonsoft.Json", false)]
    [InlineData("System.Runtime", false)]
    [InlineData(null, false)]
    public void Only_the_store_and_its_database_library_are_private(string? assembly, bool isPrivate) =>
        Assert.Equal(isPrivate, StorageRule.IsPrivate(assembly));

    [Theory]
    [InlineData("LINUX", Architecture.X64, "linux-x64", "linux-x64", "libe_sqlite3.so")]
    [InlineData("LINUX", Architecture.Arm64, "debian.12-arm64", "linux-arm64", "libe_sqlite3.so")]
    [InlineData("LINUX", Architecture.X64, "linux-musl-x64", "linux-musl-x64", "libe_sqlite3.so")]
    [InlineData("LINUX", Architecture.Arm64, "linux-musl-arm64", "linux-musl-arm64", "libe_sqlite3.so")]
    [InlineData("LINUX", Architecture.Arm, "linux-arm", "linux-arm", "libe_sqlite3.so")]
    [InlineData("LINUX", Architecture.X64, "alpine.3.20-x64", "linux-musl-x64", "libe_sqlite3.so")]
    [InlineData("WINDOWS", Architecture.Arm64, "win-arm64", "win-arm64", "e_sqlite3.dll")]
    [InlineData("OSX", Architecture.Arm64, "osx-arm64", "osx-arm64", "libe_sqlite3.dylib")]
    public void The_native_library_is_found_by_system_and_processor(
        string platform, Architecture architecture, string runtime, string rid, string file)
    {
        string found = StorageRule.RuntimeId(OSPlatform.Create(platform), architecture, runtime);

        Assert.Equal(rid, found);
        Assert.Equal(Path.Combine("runtimes", rid, "native", file), StorageRule.NativePath("e_sqlite3", found));
    }
}
