using System.Collections;
using ScanEngineAdmin.Domain.Consoles;

namespace ScanEngineAdmin.Completion;

/// <summary>
/// Completes the names of pairings on this host: of engines at its console, and of its engine at consoles.
/// </summary>
internal sealed class PairingNameCompleter : StoreCompleter
{
    private protected override IEnumerable<(string Text, string Tip)> Known(IDictionary bound, string typed) =>
        StoreReader.ReadEngines(bound, typed, Most)
            .Select(engine => (engine.Name, Tip: EngineNameCompleter.TipOf(engine)))
            .Concat(StoreReader.ReadEngine<ConsoleRecord>(bound, store => store.ListConsoles())
                .Select(console => (Name: console.EngineName, Tip: $"{console.EngineName} ({console.Direction})")))
            .OrderBy(one => one.Name, StringComparer.OrdinalIgnoreCase);
}
