using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using ScanEngineAdmin.Core.Scans;

namespace ScanEngineAdmin.Completion;

/// <summary>Completes the ids of scans, the newest first, with what they are as the tip.</summary>
internal sealed class ScanIdCompleter : IArgumentCompleter
{
    private const int Most = 50;

    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName,
        string parameterName,
        string wordToComplete,
        CommandAst commandAst,
        IDictionary fakeBoundParameters)
    {
        string typed = StoreReader.Typed(wordToComplete);
        return StoreReader.Read<ScanRecord>(fakeBoundParameters, store => store.ListScans())
            .Reverse()
            .Where(scan => scan.ScanId.ToString().StartsWith(typed, StringComparison.OrdinalIgnoreCase))
            .Take(Most)
            .Select(scan => StoreReader.Result(
                scan.ScanId.ToString(), $"{scan.EngineName}, {scan.State}, {scan.Queued.LocalDateTime:g}"));
    }
}
