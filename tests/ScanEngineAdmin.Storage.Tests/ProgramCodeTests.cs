using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Storage.Tests;

/// <summary>
/// A program in a folder of root's that its node's user cannot enter, as a clean clone in a temporary folder is: its
/// code, loaded anew here as in a process that has just begun, must not be first needed with that user's rights.
/// </summary>
public sealed class ProgramCodeTests : IDisposable
{
    private const string Owner = "54321";

    // Only its owner may enter it.
    private readonly TestFolder _program = new();
    private readonly TestFolder _data = new();

    public void Dispose()
    {
        _program.Dispose();
        _data.Dispose();
    }

    [Fact, NeedsRoot]
    public void A_program_that_the_folders_owner_cannot_read_uses_his_store_all_the_same()
    {
        foreach (string file in Directory.GetFiles(AppContext.BaseDirectory, "*.dll"))
        {
            File.Copy(file, Path.Combine(_program.Path, Path.GetFileName(file)));
        }

        _data.Console().Dispose();
        Run("chown", "-R", $"{Owner}:{Owner}", _data.Path);
        object provider = Activator.CreateInstance(new FreshContext(_program.Path)
            .LoadFromAssemblyPath(Path.Combine(_program.Path, "ScanEngineAdmin.Storage.dll"))
            .GetType("ScanEngineAdmin.Storage.SqliteStoreProvider", throwOnError: true)!)!;

        using var store = (IDisposable)Call(provider, "AttachConsole", _data.Path)!;
        Assert.Null(Call(store, "GetSetting", "a"));
        Assert.NotNull(Call(store, "ListEngines"));
        Assert.NotNull(Call(store, "ListAskedFirewall", 9));
    }

    private static object? Call(object target, string method, params object[] arguments) =>
        target.GetType().GetMethod(method, [.. arguments.Select(given => given.GetType())])!.Invoke(target, arguments);

    private static void Run(string tool, params string[] arguments)
    {
        using Process process = Process.Start(tool, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }

    /// <summary>This product's code and its database library as nobody has used them yet.</summary>
    private sealed class FreshContext(string folder) : AssemblyLoadContext("fresh", isCollectible: false)
    {
        protected override Assembly? Load(AssemblyName assemblyName)
        {
            string name = assemblyName.Name ?? string.Empty;
            return name.StartsWith("ScanEngineAdmin.", StringComparison.Ordinal)
                || name.StartsWith("SQLitePCLRaw", StringComparison.Ordinal)
                || name is "Microsoft.Data.Sqlite" or "Newtonsoft.Json"
                ? LoadFromAssemblyPath(Path.Combine(folder, name + ".dll"))
                : null;
        }

        protected override nint LoadUnmanagedDll(string unmanagedDllName)
        {
            string path = Path.Combine(
                AppContext.BaseDirectory, "runtimes", RuntimeInformation.RuntimeIdentifier, "native",
                $"lib{unmanagedDllName}.so");
            return File.Exists(path) ? LoadUnmanagedDllFromPath(path) : 0;
        }
    }
}
