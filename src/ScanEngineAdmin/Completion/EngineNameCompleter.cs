using System.Collections;
using ScanEngineAdmin.Domain.Engines;

namespace ScanEngineAdmin.Completion;

/// <summary>Completes the names of engines.</summary>
internal sealed class EngineNameCompleter : StoreCompleter
{
    private protected override IEnumerable<(string Text, string Tip)> Known(IDictionary bound, string typed) =>
        StoreReader.Read<EngineRecord>(bound, store => store.ListEngines(typed, Most))
            .OrderBy(engine => engine.Name, StringComparer.OrdinalIgnoreCase)
            .Select(engine => (engine.Name, $"{engine.Name} ({engine.Direction}, {engine.Status})"));
}
