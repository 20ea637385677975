using System.Collections;
using ScanEngineAdmin.Domain.Consoles;

namespace ScanEngineAdmin.Completion;

/// <summary>
/// Completes the fingerprints of the consoles that this host's engine knows, with what they are as the tip.
/// </summary>
internal sealed class ConsoleFingerprintCompleter : StoreCompleter
{
    private protected override IEnumerable<(string Text, string Tip)> Known(IDictionary bound, string typed) =>
        StoreReader.ReadEngine<ConsoleRecord>(bound, store => store.ListConsoles())
            .Where(console => console.Pins.Count > 0)
            .Select(console => (
                console.Pins[0].ToString(),
                $"{console.State}, {console.Direction}, {console.ObservedAddress ?? console.Address}"));
}
