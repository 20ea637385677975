using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using ScanEngineAdmin.Core.Console;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Core.Storage;
using ScanEngineAdmin.Loading;

namespace ScanEngineAdmin.Completion;

/// <summary>
/// Reads the console's store for tab completion: quickly, without making one, and in silence whatever fails.
/// </summary>
internal static class StoreReader
{
    public static IReadOnlyList<T> Read<T>(IDictionary bound, Func<IConsoleStore, IEnumerable<T>> read)
    {
        try
        {
            DataFolder folder = DataFolder.Resolve(Path(bound));
            if (!Directory.Exists(folder.Console))
            {
                return [];
            }

            using ConsoleAdmin admin = ConsoleAdmin.Open(folder, Stores.Provider);
            return [.. read(admin.Store)];
        }
#pragma warning disable CA1031 // A tab key must never show an error; the command itself will.
        catch (Exception)
#pragma warning restore CA1031
        {
            return [];
        }
    }

    /// <summary>A completion, quoted where PowerShell would split or expand it.</summary>
    public static CompletionResult Result(string text, string tip)
    {
        bool plain = text.Length > 0 && text.All(c => char.IsLetterOrDigit(c) || c is '-' or '_' or '.');
        string quoted = plain ? text : $"'{CodeGeneration.EscapeSingleQuotedStringContent(text)}'";
        return new CompletionResult(quoted, text, CompletionResultType.ParameterValue, tip.Length > 0 ? tip : text);
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
