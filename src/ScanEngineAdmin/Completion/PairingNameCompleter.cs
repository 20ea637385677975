using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using ScanEngineAdmin.Core.Engine;
using ScanEngineAdmin.Core.Engines;

namespace ScanEngineAdmin.Completion;

/// <summary>
/// Completes the names of pairings on this host: of engines at its console, and of its engine at consoles.
/// </summary>
internal sealed class PairingNameCompleter : IArgumentCompleter
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
            .Select(engine => (engine.Name, Tip: $"{engine.Name} ({engine.Direction}, {engine.Status})"))
            .Concat(StoreReader.ReadEngine<ConsoleRecord>(fakeBoundParameters, store => store.ListConsoles())
                .Select(console => (Name: console.EngineName, Tip: $"{console.EngineName} ({console.Direction})")))
            .Where(one => one.Name.Length > 0 && one.Name.StartsWith(typed, StringComparison.OrdinalIgnoreCase))
            .DistinctBy(one => one.Name, StringComparer.OrdinalIgnoreCase)
            .OrderBy(one => one.Name, StringComparer.OrdinalIgnoreCase)
            .Select(one => StoreReader.Result(one.Name, one.Tip));
    }
}
