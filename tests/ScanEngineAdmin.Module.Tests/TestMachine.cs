using System.Reflection;
using System.Runtime.InteropServices;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Module.Tests;

/// <summary>
/// Where the module, the official PowerShell and Pester lie: the checkout and NuGet's packages, nothing installed.
/// </summary>
internal static class TestMachine
{
    public static string Checkout => CheckoutFolder.Root;

    /// <summary>The module's manifest.</summary>
    public static string Manifest => Path.Combine(Checkout, "ScanEngineAdmin.psd1");

    /// <summary>PSHOME of the PowerShell that the tool manifest names.</summary>
    public static string PowerShellHome { get; } = Path.Combine(
        Built("Packages"), "powershell", Built("PowerShell"), "tools", "net10.0", "any",
        OperatingSystem.IsWindows() ? "win" : "unix");

    /// <summary>The versions of Pester that every suite passes with.</summary>
    public static IReadOnlyList<string> PesterVersions { get; } = Built("Pester").Split(';');

    /// <summary>The dotnet command that runs these tests, found by the runtime that it loaded.</summary>
    public static string Dotnet { get; } = Path.GetFullPath(Path.Combine(
        RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..",
        OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));

    public static string OldNewtonsoft { get; } = Path.Combine(
        Built("Packages"), "newtonsoft.json", "9.0.1", "lib", "netstandard1.0", "Newtonsoft.Json.dll");

    public static string PesterManifest(string version) =>
        Path.Combine(Built("Packages"), "pester", version, "tools", "Pester.psd1");

    // What the build knew.
    private static string Built(string key) => Assembly.GetExecutingAssembly()
        .GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == key).Value!;
}
