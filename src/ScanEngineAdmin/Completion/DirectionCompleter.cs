using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Completion;

/// <summary>Completes directions, the vendor's words among them.</summary>
internal sealed class DirectionCompleter : IArgumentCompleter
{
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName,
        string parameterName,
        string wordToComplete,
        CommandAst commandAst,
        IDictionary fakeBoundParameters) => DirectionAttribute.Words
            .Where(word => word.StartsWith(
                (wordToComplete ?? string.Empty).Trim('\'', '"'), StringComparison.OrdinalIgnoreCase))
            .Select(word => StoreReader.Result(word, word));
}
