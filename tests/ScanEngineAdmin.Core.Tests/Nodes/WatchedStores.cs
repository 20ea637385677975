using ScanEngineAdmin.Domain.Schedules;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Storage;

namespace ScanEngineAdmin.Core.Tests.Nodes;

/// <summary>Opens stores that tell a test of every call (<see cref="WatchedStore{TStore}"/>).</summary>
internal sealed class WatchedStores : IStoreProvider
{
    private readonly SqliteStoreProvider _stores = new();

    public Action<string, object?[]> OnConsole { get; set; } = (_, _) => { };

    public Action<string, object?[]> OnEngine { get; set; } = (_, _) => { };

    public ICronReader Cron => _stores.Cron;

    public IConsoleStore OpenConsole(string folder) => WatchedStore<IConsoleStore>.Wrap(
        _stores.OpenConsole(folder), (member, given) => OnConsole(member, given));

    public IEngineStore OpenEngine(string folder) => WatchedStore<IEngineStore>.Wrap(
        _stores.OpenEngine(folder), (member, given) => OnEngine(member, given));

    /// <summary>Every call of that member fails from now on, at a console or an engine, until what is returned is called.</summary>
    public Action Fail(string member, Exception fault)
    {
        Action<string, object?[]> fail = (called, _) =>
        {
            if (called == member)
            {
                throw fault;
            }
        };
        (OnConsole, OnEngine) = (fail, fail);
        return () => (OnConsole, OnEngine) = ((_, _) => { }, (_, _) => { });
    }

    public IConsoleStore AttachConsole(string folder) => _stores.AttachConsole(folder);

    public IEngineStore AttachEngine(string folder) => _stores.AttachEngine(folder);
}
