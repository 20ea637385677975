using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Storage;

namespace ScanEngineAdmin.Core.Tests.Nodes;

/// <summary>Opens stores that tell a test of every call (<see cref="WatchedStore{TStore}"/>).</summary>
internal sealed class WatchedStores : IStoreProvider
{
    private readonly SqliteStoreProvider _stores = new();

    public Action<string, object?[]> OnConsole { get; set; } = (_, _) => { };

    public Action<string, object?[]> OnEngine { get; set; } = (_, _) => { };

    public IConsoleStore OpenConsole(string folder) => WatchedStore<IConsoleStore>.Wrap(
        _stores.OpenConsole(folder), (member, given) => OnConsole(member, given));

    public IEngineStore OpenEngine(string folder) => WatchedStore<IEngineStore>.Wrap(
        _stores.OpenEngine(folder), (member, given) => OnEngine(member, given));

    public IConsoleStore AttachConsole(string folder) => _stores.AttachConsole(folder);

    public IEngineStore AttachEngine(string folder) => _stores.AttachEngine(folder);
}
