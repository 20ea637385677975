using System.Collections;
using System.Management.Automation;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Loading;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Completion;

/// <summary>
/// Reads a node's store for tab completion: quickly, without making one, and in silence whatever fails.
/// </summary>
internal static class StoreReader
{
    public static IReadOnlyList<T> Read<T>(IDictionary bound, Func<IConsoleStore, IEnumerable<T>> read) =>
        ReadConsole(bound, admin => read(admin.Store));

    /// <summary>Engines whose names begin as it is typed, with the status that may be shown.</summary>
    public static IReadOnlyList<EngineRecord> ReadEngines(IDictionary bound, string typed, int most) =>
        ReadConsole(bound, admin =>
        {
            bool runs = admin.Describe().IsRunning;
            return admin.Store.ListEngines(typed, most).Select(engine => StoredStatus.Shown(engine, runs));
        });

    public static IReadOnlyList<T> ReadEngine<T>(IDictionary bound, Func<IEngineStore, IEnumerable<T>> read) =>
        Quietly<T>(bound, static folder => folder.Engine, folder =>
        {
            using EngineAdmin admin = EngineAdmin.Open(folder, Stores.Provider);
            return [.. read(admin.Store)];
        });

    /// <summary>The store of the node that -Role names: the console's without it.</summary>
    public static IReadOnlyList<T> ReadRole<T>(IDictionary bound, Func<INodeStore, IEnumerable<T>> read) =>
        string.Equals(bound["Role"]?.ToString(), "Engine", StringComparison.OrdinalIgnoreCase)
            ? ReadEngine(bound, read)
            : Read(bound, read);

    private static IReadOnlyList<T> ReadConsole<T>(IDictionary bound, Func<ConsoleAdmin, IEnumerable<T>> read) =>
        Quietly<T>(bound, static folder => folder.Console, folder =>
        {
            using ConsoleAdmin admin = ConsoleAdmin.Open(folder, Stores.Provider);
            return [.. read(admin)];
        });

    private static IReadOnlyList<T> Quietly<T>(
        IDictionary bound, Func<DataFolder, string> node, Func<DataFolder, IReadOnlyList<T>> read)
    {
        try
        {
            DataFolder folder = DataFolder.Resolve(Path(bound));
            return Directory.Exists(node(folder)) ? read(folder) : [];
        }
#pragma warning disable CA1031 // A tab key must never show an error; the command itself will.
        catch (Exception)
#pragma warning restore CA1031
        {
            return [];
        }
    }

    private static string? Path(IDictionary bound)
    {
        string? typed = bound["DataPath"]?.ToString();
        if (string.IsNullOrEmpty(typed))
        {
            return null;
        }

        using var shell = PowerShell.Create(RunspaceMode.CurrentRunspace);
        return shell.AddCommand("Microsoft.PowerShell.Management\\Convert-Path").AddParameter("LiteralPath", typed)
            .Invoke<string>().FirstOrDefault() ?? typed;
    }
}
