using System.Collections;
using ScanEngineAdmin.Domain.Nodes;

namespace ScanEngineAdmin.Completion;

/// <summary>Completes the names of the events that an audit trail can have.</summary>
internal class EventNameCompleter : StoreCompleter
{
    private protected virtual IEnumerable<string> Names => Events.Audited;

    private protected override IEnumerable<(string Text, string Tip)> Known(IDictionary bound, string typed) =>
        Names.Select(static name => (name, name));
}
