using ScanEngineAdmin.Core.Tests.Nodes;
using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Core.Tests.Scans;

/// <summary>Counts how often a store is asked for findings.</summary>
internal sealed class ReadFindings
{
    internal ReadFindings(IConsoleStore store) => Store = WatchedStore<IConsoleStore>.Wrap(
        store, (member, _) => Count += member == nameof(IConsoleStore.ReadFindings) ? 1 : 0);

    internal IConsoleStore Store { get; }

    internal int Count { get; private set; }
}
