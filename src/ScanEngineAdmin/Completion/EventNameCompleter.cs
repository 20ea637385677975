using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace ScanEngineAdmin.Completion;

/// <summary>Completes the names of events that the audit trail has.</summary>
internal sealed class EventNameCompleter : IArgumentCompleter
{
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName,
        string parameterName,
        string wordToComplete,
        CommandAst commandAst,
        IDictionary fakeBoundParameters)
    {
        string typed = StoreReader.Typed(wordToComplete);
        return StoreReader.ReadRole<string>(
                fakeBoundParameters, store => store.ListEvents(int.MaxValue).Select(entry => entry.Event))
            .Where(name => name.StartsWith(typed, StringComparison.OrdinalIgnoreCase))
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal)
            .Select(name => StoreReader.Result(name, name));
    }
}
