using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace ScanEngineAdmin.Completion;

/// <summary>Completes a parameter by what a node's store knows: what begins as it is typed, each once.</summary>
internal abstract class StoreCompleter : IArgumentCompleter
{
    // More are not looked through.
    private protected const int Most = 200;

    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName,
        string parameterName,
        string wordToComplete,
        CommandAst commandAst,
        IDictionary fakeBoundParameters)
    {
        string typed = (wordToComplete ?? string.Empty).Trim('\'', '"');
        return Known(fakeBoundParameters, typed)
            .Where(one => one.Text.Length > 0 && one.Text.StartsWith(typed, StringComparison.OrdinalIgnoreCase))
            .DistinctBy(one => one.Text, StringComparer.OrdinalIgnoreCase)
            .Take(Most)
            .Select(one => Result(one.Text, one.Tip));
    }

    /// <summary>
    /// All that may be meant by what is typed, with what it is, in the order in which it is offered. What begins
    /// otherwise may be among it.
    /// </summary>
    private protected abstract IEnumerable<(string Text, string Tip)> Known(IDictionary bound, string typed);

    // Quoted where PowerShell would split or expand it.
    private static CompletionResult Result(string text, string tip)
    {
        bool plain = text.All(c => char.IsLetterOrDigit(c) || c is '-' or '_' or '.' or ':');
        string quoted = plain ? text : $"'{CodeGeneration.EscapeSingleQuotedStringContent(text)}'";
        return new CompletionResult(quoted, text, CompletionResultType.ParameterValue, tip.Length > 0 ? tip : text);
    }
}
