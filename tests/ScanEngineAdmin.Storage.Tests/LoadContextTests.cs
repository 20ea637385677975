using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Storage.Tests;

/// <summary>The module's way in: by path and name, in a context that finds the native library itself.</summary>
public sealed class LoadContextTests
{
    [Fact]
    public void The_provider_works_in_a_private_load_context_and_its_errors_are_those_of_the_default_one()
    {
        using TestFolder folder = new();
        PrivateContext context = new(AppContext.BaseDirectory);
        Assembly storage = context.LoadFromAssemblyPath(
            Path.Combine(AppContext.BaseDirectory, "ScanEngineAdmin.Storage.dll"));
        Type type = storage.GetType("ScanEngineAdmin.Storage.SqliteStoreProvider", throwOnError: true)!;
        Assert.NotSame(typeof(SqliteStoreProvider), type);
        IStoreProvider provider = (IStoreProvider)Activator.CreateInstance(type)!;

        using (IConsoleStore store = provider.OpenConsole(folder.Path))
        {
            store.AddEngine(Make.Engine());
            TestFolder.Fails(FaultCode.EngineNameInUse, () => store.AddEngine(Make.Engine()));
        }

        Assert.True(context.NativeFound);
        Assert.NotNull(provider.Cron.Read("0 2 * * *").Next(DateTimeOffset.UnixEpoch, TimeZoneInfo.Utc));
        TestFolder.Fails(FaultCode.ScheduleInvalid, () => provider.Cron.Read("nightly"));
        Assert.Contains(context.Assemblies, assembly => assembly.GetName().Name == "Cronos");
        using IConsoleStore fromHere = folder.Console();
        Assert.Single(fromHere.ListEngines());
    }

    [Fact]
    public void A_native_library_that_cannot_be_loaded_is_an_error_of_the_product()
    {
        PrivateContext context = new(AppContext.BaseDirectory) { WithoutNative = true };
        Type type = context.LoadFromAssemblyPath(Path.Combine(AppContext.BaseDirectory, "ScanEngineAdmin.Storage.dll"))
            .GetType("ScanEngineAdmin.Storage.SqliteStoreProvider", throwOnError: true)!;
        TargetInvocationException e = Assert.Throws<TargetInvocationException>(() => Activator.CreateInstance(type));
        Assert.Equal(FaultCode.InternalError, Assert.IsType<ScanEngineException>(e.InnerException).Code);
    }

    private sealed class PrivateContext(string folder) : AssemblyLoadContext("storage-test", isCollectible: false)
    {
        public bool NativeFound { get; private set; }

        public bool WithoutNative { get; init; }

        protected override Assembly? Load(AssemblyName assemblyName)
        {
            string name = assemblyName.Name ?? string.Empty;
            return name.StartsWith("SQLitePCLRaw", StringComparison.Ordinal) || name is "Microsoft.Data.Sqlite" or "Cronos"
                ? LoadFromAssemblyPath(Path.Combine(folder, name + ".dll"))
                : null;
        }

        protected override nint LoadUnmanagedDll(string unmanagedDllName)
        {
            // Zero would let the host's own probing find it after all.
            if (WithoutNative)
            {
                throw new DllNotFoundException(unmanagedDllName);
            }

            string file = OperatingSystem.IsWindows() ? $"{unmanagedDllName}.dll"
                : OperatingSystem.IsMacOS() ? $"lib{unmanagedDllName}.dylib" : $"lib{unmanagedDllName}.so";
            string path = Path.Combine(folder, "runtimes", RuntimeInformation.RuntimeIdentifier, "native", file);
            NativeFound = File.Exists(path);
            return NativeFound ? LoadUnmanagedDllFromPath(path) : 0;
        }
    }
}
