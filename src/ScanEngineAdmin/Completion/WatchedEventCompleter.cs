using ScanEngineAdmin.Core.Admin;

namespace ScanEngineAdmin.Completion;

/// <summary>Completes the names of the events that can be watched.</summary>
internal sealed class WatchedEventCompleter : EventNameCompleter
{
    private protected override IEnumerable<string> Names => EngineWatch.Names;
}
