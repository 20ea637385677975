using System.Collections;
using ScanEngineAdmin.Domain.Engines;

namespace ScanEngineAdmin.Completion;

/// <summary>Completes the names of engines.</summary>
internal sealed class EngineNameCompleter : StoreCompleter
{
    private protected override IEnumerable<(string Text, string Tip)> Known(IDictionary bound, string typed) =>
        StoreReader.ReadEngines(bound, typed, Most)
            .OrderBy(engine => engine.Name, StringComparer.OrdinalIgnoreCase)
            .Select(engine => (engine.Name, TipOf(engine)));

    /// <summary>What tells engines apart where one is chosen: direction, address and how it is.</summary>
    internal static string TipOf(EngineRecord engine) =>
        (engine.Address ?? engine.ObservedAddress) is { } address
            ? $"{engine.Name} ({engine.Direction}, {address}, {engine.Status})"
            : $"{engine.Name} ({engine.Direction}, {engine.Status})";
}
