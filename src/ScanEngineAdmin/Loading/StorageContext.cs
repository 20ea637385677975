using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;

namespace ScanEngineAdmin.Loading;

/// <summary>
/// The private load context of the store: its SQLite meets no other module's copy. PowerShell does not look into
/// runtimes/&lt;rid&gt;/native, so this does.
/// </summary>
internal sealed class StorageContext : AssemblyLoadContext
{
    private readonly string _folder;

    public StorageContext(string folder)
        : base("ScanEngineAdmin.Storage") => _folder = folder;

    protected override Assembly? Load(AssemblyName assemblyName)
    {
        if (!StorageRule.IsPrivate(assemblyName.Name))
        {
            return null;
        }

        string path = Path.Combine(_folder, assemblyName.Name + ".dll");
        return File.Exists(path) ? LoadFromAssemblyPath(path) : null;
    }

    protected override nint LoadUnmanagedDll(string unmanagedDllName)
    {
        string path = Path.Combine(_folder, StorageRule.NativePath(unmanagedDllName, ThisRuntime()));
        return File.Exists(path) ? LoadUnmanagedDllFromPath(path) : 0;
    }

    private static string ThisRuntime()
    {
        OSPlatform platform = OperatingSystem.IsWindows() ? OSPlatform.Windows
            : OperatingSystem.IsMacOS() ? OSPlatform.OSX
            : OSPlatform.Linux;
        return StorageRule.RuntimeId(
            platform, RuntimeInformation.ProcessArchitecture, RuntimeInformation.RuntimeIdentifier);
    }
}
