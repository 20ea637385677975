using System.Collections;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Scans;

namespace ScanEngineAdmin.Core.Tests.EndToEnd;

/// <summary>What a test waits for: something that a node writes into its store or its log, within <see cref="Patience"/>.</summary>
internal sealed partial class NodePair
{
    public Task<EngineRecord> ActiveAsync() => UntilConsoleAsync(now => now.Status == CommunicationStatus.Active);

    /// <summary>The first channel is open: the store says so before either node has let that channel in for good.</summary>
    public async Task OpenedAsync()
    {
        await ActiveAsync();
        await LoggedAsync(entry => IsOpened(entry, "console"));
        await LoggedAsync(entry => IsOpened(entry, "engine"));
    }

    public Task<EngineRecord> UntilConsoleAsync(Func<EngineRecord, bool> until) =>
        Console.WaitEngineAsync(PairingId, until, Patience, null, CancellationToken.None);

    public Task<ConsoleRecord> UntilEngineAsync(Func<ConsoleRecord, bool> until) =>
        UntilAsync(Client(), () => AtEngine, until);

    /// <summary>The newest change of direction, once there is one that is so.</summary>
    public async Task<ChangeRecord> UntilChangeAsync(Func<ChangeRecord, bool> until) => (await UntilAsync(
        ConsoleClient(), () => Console.Store.ListChanges(PairingId), all => all.Count > 0 && until(all[0])))[0];

    public Task<ScanRecord> UntilScanAsync(Guid scanId, Func<ScanRecord, bool> until) =>
        UntilAsync(ConsoleClient(), () => Console.Store.GetScan(scanId)!, until);

    public Task<ScanRecord> EndAsync(Guid scanId) =>
        Console.Scans.WaitAsync(scanId, Patience, null, CancellationToken.None);

    /// <summary>Anything that is written in the engine's store.</summary>
    public Task<T> UntilEngineStoreAsync<T>(Func<T> read, Func<T, bool> until)
        where T : class => UntilAsync(Client(), read, until);

    /// <summary>That either node has said it since the test began or the log was cleared.</summary>
    public Task LoggedAsync(string name) => LoggedAsync(entry => entry.Event == name);

    public Task LoggedAsync(Func<LogEntry, bool> wanted) =>
        UntilAsync(Client(), () => Log.ToArray(), all => all.Any(wanted));

    /// <summary>The engine's audit trail has it; for what is noted beside what it tells of.</summary>
    public Task UntilEngineEventAsync(string name) => UntilEngineStoreAsync(
        () => Engine.Store.ListEvents(100), all => all.Any(entry => entry.Event == name));

    /// <summary>Anything that is written in the console's store.</summary>
    public Task<T> UntilConsoleStoreAsync<T>(Func<T> read, Func<T, bool> until)
        where T : class => UntilAsync(ConsoleClient(), read, until);

    /// <summary>What an admin asked for is kept until the node has seen that it is fulfilled.</summary>
    public Task UntilNothingPendingAsync() =>
        UntilAsync(ConsoleClient(), Console.Store.ListPendingChanges, all => all.Count == 0);

    private static bool IsOpened(LogEntry entry, string peer) => entry.Event == Events.ChannelOpened
        && entry.Message.StartsWith($"Channel to {peer} ", StringComparison.Ordinal);

    private static async Task<T> UntilAsync<T>(NodeClient client, Func<T> read, Func<T, bool> until)
        where T : class
    {
        T? last = null;
        return await client.WatchAsync(() => last = read(), until, Patience, null, CancellationToken.None)
            ?? throw new TimeoutException(
                $"It stays {(last is IEnumerable all ? string.Join("; ", all.Cast<object>()) : last)}.");
    }

    private NodeClient ConsoleClient() =>
        new(NodeRole.Console, ConsoleFolder, ConsoleFolder.Console, Console.Store, TimeProvider.System);

    private NodeClient Client() =>
        new(NodeRole.Engine, EngineFolder, EngineFolder.Engine, Engine.Store, TimeProvider.System);
}
