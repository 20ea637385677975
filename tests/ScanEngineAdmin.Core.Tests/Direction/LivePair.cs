using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Core.Console;
using ScanEngineAdmin.Core.Directions;
using ScanEngineAdmin.Core.Engine;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Core.Pairing;
using ScanEngineAdmin.Core.Tests.Nodes;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Storage;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Direction;

/// <summary>A real console and a real engine on loopback, either of which may be down; times are short.</summary>
internal sealed class LivePair : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    public const string Name = "lab-1";

    private readonly TemporaryFolder _consoleHost = new();
    private readonly TemporaryFolder _engineHost = new();
    private readonly SqliteStoreProvider _stores = new();
    private readonly DataFolder _consoleFolder;
    private readonly DataFolder _engineFolder;
    private ConsoleNode? _console;
    private EngineNode? _engine;
    private readonly ConcurrentQueue<LogEntry> _log = new();

    private LivePair()
    {
        _consoleFolder = DataFolder.Resolve(_consoleHost.Path);
        _engineFolder = DataFolder.Resolve(_engineHost.Path);
        Console = ConsoleAdmin.Open(_consoleFolder, _stores);
        Engine = EngineAdmin.Open(_engineFolder, _stores);
        Host = new OwnLoopback().At(1);
        ConsolePort = FreePort();
        EnginePort = FreePort();
    }

    public ConsoleAdmin Console { get; }

    public EngineAdmin Engine { get; }

    /// <summary>An address of this pair alone, so that a port which was free there stays so.</summary>
    public IPAddress Host { get; }

    public int ConsolePort { get; }

    public int EnginePort { get; }

    public Guid PairingId { get; private set; }

    public EngineRecord AtConsole => Console.Store.GetEngine(PairingId)!;

    public ConsoleRecord AtEngine => Engine.Store.GetConsole(PairingId)!;

    public CommunicationReport Report => Console.Direction.Report(PairingId);

    public static CommunicationDirection Other(CommunicationDirection way) =>
        way == CommunicationDirection.ConsoleToEngine
            ? CommunicationDirection.EngineToConsole
            : CommunicationDirection.ConsoleToEngine;

    /// <summary>Known before anybody listens there, and after it was stopped.</summary>
    public int FreePort()
    {
        using var taken = new TcpListener(Host, 0);
        taken.Start();
        return ((IPEndPoint)taken.LocalEndpoint).Port;
    }

    /// <summary>Both run, are paired in that direction, and have made a round trip.</summary>
    public static async Task<LivePair> ActiveAsync(CommunicationDirection way)
    {
        var pair = new LivePair();
        try
        {
            await pair.StartConsoleAsync();
            await pair.StartEngineAsync();
            await pair.PairAsync(way);
            await pair.UntilAsync(now => now.Status == CommunicationStatus.Active);
            return pair;
        }
        catch
        {
            await pair.DisposeAsync();
            throw;
        }
    }

    public async Task StartConsoleAsync() => _console = await ConsoleNode.StartAsync(
        _consoleFolder,
        _stores,
        new ConsoleNodeOptions
        {
            Listen = new IPEndPoint(Host, ConsolePort),
            MinRetry = TimeSpan.FromMilliseconds(100),
            MaxRetry = TimeSpan.FromMilliseconds(400),
            StoreCheck = TimeSpan.FromMilliseconds(200),
            PendingRetry = TimeSpan.FromMilliseconds(200),

            // A rest that is longer than this is taken for a clock that was set back: a test lets a pending change rest
            // a day.
            MaxPendingRetry = TimeSpan.FromDays(2),
        },
        _log.Enqueue,
        CancellationToken.None).WaitAsync(Patience);

    public async Task StartEngineAsync() => _engine = await EngineNode.StartAsync(
        _engineFolder,
        _stores,
        new EngineNodeOptions
        {
            Listen = new IPEndPoint(Host, EnginePort),
            MinRetry = TimeSpan.FromMilliseconds(100),
            MaxRetry = TimeSpan.FromMilliseconds(400),
            RefusedRetry = TimeSpan.FromMilliseconds(300),
            StoreCheck = TimeSpan.FromMilliseconds(200),
        },
        _ => { },
        CancellationToken.None).WaitAsync(Patience);

    public async Task StopConsoleAsync()
    {
        await (_console?.DisposeAsync().AsTask().WaitAsync(Patience) ?? Task.CompletedTask);
        _console = null;
    }

    public async Task StopEngineAsync()
    {
        await (_engine?.DisposeAsync().AsTask().WaitAsync(Patience) ?? Task.CompletedTask);
        _engine = null;
    }

    public DirectionChangeRequest Request(CommunicationDirection to) => new()
    {
        Direction = to,
        Address = to == CommunicationDirection.ConsoleToEngine ? $"{Host}" : null,
        Port = to == CommunicationDirection.ConsoleToEngine ? EnginePort : null,
        ConsoleAddress = to == CommunicationDirection.EngineToConsole ? $"{Host}" : null,
        ConsolePort = to == CommunicationDirection.EngineToConsole ? ConsolePort : null,
        Timeout = TimeSpan.FromSeconds(45),
    };

    public Task ChangeAsync(DirectionChangeRequest request) =>
        Console.Direction.ChangeAsync(PairingId, request, null, CancellationToken.None).WaitAsync(Patience);

    public Task OfflineAsync(DirectionChangeRequest request) =>
        Console.Direction.RequestOfflineAsync(PairingId, request, CancellationToken.None).WaitAsync(Patience);

    public Task<EngineRecord> UntilAsync(Func<EngineRecord, bool> until) =>
        Console.WaitEngineAsync(PairingId, until, Patience, null, CancellationToken.None);

    /// <summary>What the console's store says of the direction, once it is so.</summary>
    public Task<CommunicationReport> UntilReportAsync(Func<CommunicationReport, bool> until) =>
        UntilAsync(NodeRole.Console, () => Report, until);

    public Task<ConsoleRecord> UntilEngineAsync(Func<ConsoleRecord, bool> until) =>
        UntilAsync(NodeRole.Engine, () => AtEngine, until);

    /// <summary>Both hold that direction at one epoch, and nothing is open.</summary>
    public async Task AgreedAsync(CommunicationDirection way)
    {
        CommunicationReport settled = await UntilReportAsync(
            now => now is { State: CommunicationState.Settled, LastChange.Acknowledged: not null }
                && now.Engine.Direction == way);
        ConsoleRecord engine = await UntilEngineAsync(now => now.ChangeId is null && now.Direction == way);
        Assert.Equal(settled.Engine.Epoch, engine.Epoch);
        Assert.Equal((way, engine.Epoch), (settled.Engine.ReportedDirection, settled.Engine.ReportedEpoch));
        Assert.Empty(settled.DriftDetail);
    }

    /// <summary>The audit trail has it; for what is noted after the state that it tells of.</summary>
    public Task UntilEventAsync(string name) => UntilAsync(NodeRole.Console, Events, all => all.Contains(name));

    /// <summary>The console has said it since it began.</summary>
    public Task LoggedAsync(string name) =>
        UntilAsync(NodeRole.Console, () => _log.ToArray(), all => all.Any(entry => entry.Event == name));

    public string[] Events() => [.. Console.Store.ListEvents(100).Select(entry => entry.Event)];

    public async ValueTask DisposeAsync()
    {
        await StopEngineAsync();
        await StopConsoleAsync();
        Console.Dispose();
        Engine.Dispose();
        _consoleHost.Dispose();
        _engineHost.Dispose();
    }

    private async Task PairAsync(CommunicationDirection way) => PairingId =
        way == CommunicationDirection.ConsoleToEngine
            ? (await Console.RegisterEngineAsync(
                Name, $"{Host}", EnginePort, Secret(NodeRole.Engine), CancellationToken.None)).PairingId
            : (await Engine.PairAsync(
                $"{Host}",
                ConsolePort,
                Secret(NodeRole.Console),
                Name,
                TimeSpan.FromSeconds(1),
                CancellationToken.None)).PairingId;

    private PairingSecret Secret(NodeRole maker) => maker == NodeRole.Console
        ? Console.CreateSecret(TimeSpan.FromMinutes(5), Name, singleUse: true).Secret
        : Engine.CreateSecret(TimeSpan.FromMinutes(5), Name, singleUse: true).Secret;

    private async Task<T> UntilAsync<T>(NodeRole role, Func<T> read, Func<T, bool> until)
        where T : class
    {
        (DataFolder folder, string path) = role == NodeRole.Console
            ? (_consoleFolder, _consoleFolder.Console)
            : (_engineFolder, _engineFolder.Engine);
        INodeStore store = role == NodeRole.Console ? Console.Store : Engine.Store;
        var client = new NodeClient(role, folder, path, store, TimeProvider.System);
        T? last = null;
        return await client.WatchAsync(() => last = read(), until, Patience, null, CancellationToken.None)
            ?? throw new TimeoutException($"It stays {last}.");
    }
}
