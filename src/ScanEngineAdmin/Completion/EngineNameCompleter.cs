using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using ScanEngineAdmin.Core.Engines;

namespace ScanEngineAdmin.Completion;

/// <summary>Completes the names of engines.</summary>
internal sealed class EngineNameCompleter : IArgumentCompleter
{
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName,
        string parameterName,
        string wordToComplete,
        CommandAst commandAst,
        IDictionary fakeBoundParameters)
    {
        string typed = StoreReader.Typed(wordToComplete);
        return StoreReader.Read<EngineRecord>(fakeBoundParameters, store => store.ListEngines())
            .Where(engine => engine.Name.StartsWith(typed, StringComparison.OrdinalIgnoreCase))
            .OrderBy(engine => engine.Name, StringComparer.OrdinalIgnoreCase)
            .Select(engine => StoreReader.Result(engine.Name, $"{engine.Name} ({engine.Direction}, {engine.Status})"));
    }
}
