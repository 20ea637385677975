using System.Collections;
using ScanEngineAdmin.Domain.Nodes;

namespace ScanEngineAdmin.Completion;

/// <summary>Completes the names of the events that an audit trail can have.</summary>
internal sealed class EventNameCompleter : StoreCompleter
{
    private protected override IEnumerable<(string Text, string Tip)> Known(IDictionary bound, string typed) =>
        Events.Audited.Select(static name => (name, name));
}
