using System.Collections;

namespace ScanEngineAdmin.Completion;

/// <summary>Completes the names of events that the audit trail has.</summary>
internal sealed class EventNameCompleter : StoreCompleter
{
    private protected override IEnumerable<(string Text, string Tip)> Known(IDictionary bound, string typed) =>
        StoreReader.ReadRole<string>(bound, store => store.ListEvents(int.MaxValue).Select(entry => entry.Event))
            .Order(StringComparer.Ordinal)
            .Select(name => (name, name));
}
