using System.Reflection;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Loading;

/// <summary>
/// The store provider of this process. A load context cannot be given back, so there is one, made at first use.
/// </summary>
internal static class Stores
{
    private const string ProviderType = "ScanEngineAdmin.Storage.SqliteStoreProvider";
    private static readonly Lazy<IStoreProvider> Loaded = new(Load);

    public static IStoreProvider Provider => Loaded.Value;

    private static IStoreProvider Load()
    {
        string folder = Path.Combine(Path.GetDirectoryName(typeof(Stores).Assembly.Location)!, "storage");
        string path = Path.Combine(folder, "ScanEngineAdmin.Storage.dll");
        if (!File.Exists(path))
        {
            throw new ScanEngineException(
                FaultCode.InternalError,
                $"The module is not complete: '{path}' is missing.",
                "Build it again with ./build.ps1 -Task Build, or reinstall the module.",
                path);
        }

        Assembly storage = new StorageContext(folder).LoadFromAssemblyPath(path);
        return (IStoreProvider)Activator.CreateInstance(storage.GetType(ProviderType, throwOnError: true)!)!;
    }
}
