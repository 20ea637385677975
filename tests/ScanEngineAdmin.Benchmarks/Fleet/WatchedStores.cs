using System.Collections.Concurrent;
using ScanEngineAdmin.Domain.Schedules;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Faults.Direction;
using ScanEngineAdmin.Storage;

namespace ScanEngineAdmin.Benchmarks.Fleet;

/// <summary>The real stores; every call of a node is counted, and told to whoever wants to hear of it.</summary>
internal sealed class WatchedStores : IStoreProvider
{
    private readonly SqliteStoreProvider _stores = new();
    private readonly ConcurrentDictionary<string, int> _calls = new();

    public Action<string>? Called { get; set; }

    public IReadOnlyDictionary<string, int> Calls => _calls;

    public ICronReader Cron => _stores.Cron;

    public IConsoleStore OpenConsole(string folder) =>
        StoreProxy<IConsoleStore>.Wrap(_stores.OpenConsole(folder), (_, member, _, invoke) => Around(member, invoke));

    public IEngineStore OpenEngine(string folder) =>
        StoreProxy<IEngineStore>.Wrap(_stores.OpenEngine(folder), (_, member, _, invoke) => Around(member, invoke));

    public IConsoleStore AttachConsole(string folder) => _stores.AttachConsole(folder);

    public IEngineStore AttachEngine(string folder) => _stores.AttachEngine(folder);

    private object? Around(string member, Func<object?> invoke)
    {
        _calls.AddOrUpdate(member, 1, static (_, count) => count + 1);
        Called?.Invoke(member);
        return invoke();
    }
}
