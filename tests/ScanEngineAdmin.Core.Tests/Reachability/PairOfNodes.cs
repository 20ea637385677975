using System.Net;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Core.Console;
using ScanEngineAdmin.Core.Engine;
using ScanEngineAdmin.Core.Pairing;
using ScanEngineAdmin.Core.Tests.Nodes;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Storage;

namespace ScanEngineAdmin.Core.Tests.Reachability;

/// <summary>A console and a reverse engine that really run, on loopback, paired and in contact.</summary>
internal sealed class PairOfNodes : IAsyncDisposable
{
    public static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);
    private readonly TemporaryFolder _temporary = new();
    private readonly SqliteStoreProvider _stores = new();
    private ConsoleNode? _console;
    private EngineNode? _engine;

    private PairOfNodes()
    {
        DataFolder folder = DataFolder.Resolve(_temporary.Path);
        Console = ConsoleAdmin.Open(folder, _stores);
        Engine = EngineAdmin.Open(folder, _stores);
    }

    public ConsoleAdmin Console { get; }

    public EngineAdmin Engine { get; }

    public EngineRecord Registered => Console.Store.ListEngines()[0];

    public ConsoleRecord Paired => Engine.Store.ListConsoles()[0];

    public int ConsolePort => _console!.EndPoint.Port;

    public static async Task<PairOfNodes> StartAsync()
    {
        var pair = new PairOfNodes();
        var any = new IPEndPoint(IPAddress.Loopback, 0);
        pair._console = await ConsoleNode.StartAsync(
            pair.Console.Folder, pair._stores, new ConsoleNodeOptions { Listen = any }, static _ => { }, default);
        PairingSecret secret = pair.Console.CreateSecret(TimeSpan.FromMinutes(5), null, singleUse: false).Secret;
        await pair.Engine.PairAsync(
            "127.0.0.1", pair.ConsolePort, secret, "lab-1", TimeSpan.FromSeconds(1), default).WaitAsync(Bound);
        pair._engine = await EngineNode.StartAsync(
            pair.Engine.Folder, pair._stores, new EngineNodeOptions { Listen = any, ListenUnpaired = false },
            static _ => { }, default);
        await pair.Console.WaitEngineAsync(
            pair.Registered.PairingId,
            static engine => engine.Status == CommunicationStatus.Active,
            Bound,
            null,
            default);
        Assert.Equal(CommunicationDirection.EngineToConsole, pair.Registered.Direction);
        return pair;
    }

    public async ValueTask DisposeAsync()
    {
        if (_engine is not null)
        {
            await _engine.DisposeAsync();
        }

        if (_console is not null)
        {
            await _console.DisposeAsync();
        }

        Console.Dispose();
        Engine.Dispose();
        _temporary.Dispose();
    }
}
