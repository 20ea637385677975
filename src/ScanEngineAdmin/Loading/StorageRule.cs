using System.Runtime.InteropServices;

namespace ScanEngineAdmin.Loading;

/// <summary>
/// What is taken from the private storage folder, and where in it a native library lies. Pure, and tested.
/// </summary>
internal static class StorageRule
{
    /// <summary>
    /// Only the libraries of the store (the database, cron expressions) and the store over them are private. Domain, Channel and Newtonsoft.Json are the
    /// module's and PowerShell's: a second copy of Domain would make a type that cannot be cast to the first.
    /// </summary>
    public static bool IsPrivate(string? assemblyName) => assemblyName is not null
        && (assemblyName.Equals("ScanEngineAdmin.Storage", StringComparison.OrdinalIgnoreCase)
            || assemblyName.Equals("Cronos", StringComparison.OrdinalIgnoreCase)
            || assemblyName.Equals("Microsoft.Data.Sqlite", StringComparison.OrdinalIgnoreCase)
            || assemblyName.StartsWith("SQLitePCLRaw.", StringComparison.OrdinalIgnoreCase));

    /// <summary>The folder name under runtimes/, such as linux-musl-x64, of the runtime's own identifier.</summary>
    public static string RuntimeId(OSPlatform platform, Architecture architecture, string runtimeIdentifier)
    {
        // Alpine's own builds of the runtime call themselves alpine.3.x; Microsoft's call themselves linux-musl.
        bool musl = runtimeIdentifier.Contains("musl", StringComparison.OrdinalIgnoreCase)
            || runtimeIdentifier.StartsWith("alpine", StringComparison.OrdinalIgnoreCase);
        string system = platform == OSPlatform.Windows ? "win"
            : platform == OSPlatform.OSX ? "osx"
            : musl ? "linux-musl" : "linux";
        return $"{system}-{architecture.ToString().ToLowerInvariant()}";
    }

    /// <summary>The library's path below the storage folder.</summary>
    public static string NativePath(string library, string runtimeId)
    {
        string file = runtimeId.StartsWith("win-", StringComparison.Ordinal) ? $"{library}.dll"
            : runtimeId.StartsWith("osx-", StringComparison.Ordinal) ? $"lib{library}.dylib"
            : $"lib{library}.so";
        return Path.Combine("runtimes", runtimeId, "native", file);
    }
}
