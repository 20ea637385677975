using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using ScanEngineAdmin.Core.Engine;

namespace ScanEngineAdmin.Completion;

/// <summary>
/// Completes the fingerprints of the consoles that this host's engine knows, with what they are as the tip.
/// </summary>
internal sealed class ConsoleFingerprintCompleter : IArgumentCompleter
{
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName,
        string parameterName,
        string wordToComplete,
        CommandAst commandAst,
        IDictionary fakeBoundParameters)
    {
        string typed = StoreReader.Typed(wordToComplete);
        return StoreReader.ReadEngine<ConsoleRecord>(fakeBoundParameters, store => store.ListConsoles())
            .Where(console => console.Pins.Count > 0)
            .Select(console => (Console: console, Text: console.Pins[0].ToString()))
            .Where(one => one.Text.StartsWith(typed, StringComparison.OrdinalIgnoreCase))
            .Select(one => StoreReader.Result(
                one.Text,
                $"{one.Console.State}, {one.Console.Direction}, {one.Console.ObservedAddress ?? one.Console.Address}"));
    }
}
