using System.Collections.Concurrent;
using System.Net;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Core.Console;
using ScanEngineAdmin.Core.Directions;
using ScanEngineAdmin.Core.Engine;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Core.Pairing;
using ScanEngineAdmin.Core.Tests.Firewall;
using ScanEngineAdmin.Core.Tests.Nodes;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Storage;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.EndToEnd;

/// <summary>
/// A console and an engine in this process, each on a loopback address and a data folder of its own, with a relay on
/// either way between them, or each on a port that is known before they run. What they do by themselves they do soon, and
/// a peer has long to answer; nothing else differs from a real pair.
/// </summary>
internal sealed partial class NodePair : IAsyncDisposable
{
    /// <summary>Bounds every wait of a test: longer than a machine without time for it stands still.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    public const string Name = "lab-1";

    /// <summary>
    /// What a peer is given to answer in on a machine that stands still for many seconds: a time-out of the product's
    /// own length is then one that a test did not ask for.
    /// </summary>
    public static readonly ChannelOptions Patient = ChannelOptions.Default with
    {
        ConnectTimeout = TimeSpan.FromSeconds(55),
        HandshakeTimeout = TimeSpan.FromSeconds(55),
        RequestTimeout = TimeSpan.FromSeconds(55),
        SendTimeout = TimeSpan.FromSeconds(55),
        CloseTimeout = TimeSpan.FromSeconds(10),
    };

    private readonly TemporaryFolder _folder = new();
    private readonly SqliteStoreProvider _stores = new();
    private readonly PatientTime _time = new();
    private readonly bool _direct;

    private NodePair(string? consoleHost, string? engineHost, bool direct)
    {
        var own = new OwnLoopback();
        _direct = direct;
        NodeStores = _stores;
        ConsoleFolder = DataFolder.Resolve(consoleHost ?? _folder.Below("console-host"));
        EngineFolder = DataFolder.Resolve(engineHost ?? _folder.Below("engine-host"));
        Console = ConsoleAdmin.Open(ConsoleFolder, _stores, _time);
        Engine = EngineAdmin.Open(EngineFolder, _stores, _time);
        ConsoleOptions = new ConsoleNodeOptions
        {
            Listen = new IPEndPoint(own.At(1), direct ? FreePort(own.At(1)) : 0),
            MinRetry = TimeSpan.FromMilliseconds(100),
            MaxRetry = TimeSpan.FromMilliseconds(400),
            StoreCheck = TimeSpan.FromMilliseconds(200),
            ScanRetry = TimeSpan.FromMilliseconds(100),
            MaxScanRetry = TimeSpan.FromMilliseconds(400),
            Channel = Patient,
        };
        EngineOptions = new EngineNodeOptions
        {
            Listen = new IPEndPoint(own.At(2), direct ? FreePort(own.At(2)) : 0),
            MinRetry = ConsoleOptions.MinRetry,
            MaxRetry = ConsoleOptions.MaxRetry,
            RefusedRetry = TimeSpan.FromMilliseconds(300),
            StoreCheck = ConsoleOptions.StoreCheck,
            Channel = ConsoleOptions.Channel,
        };
        ToEngine = new Relay(own.At(3), () => EngineNode?.EndPoint ?? StandIn);
        ToConsole = new Relay(own.At(4), () => ConsoleNode?.EndPoint ?? StandIn);
    }

    public DataFolder ConsoleFolder { get; private set; }

    public DataFolder EngineFolder { get; }

    public ConsoleAdmin Console { get; private set; }

    public EngineAdmin Engine { get; private set; }

    public ConsoleNodeOptions ConsoleOptions { get; set; }

    public EngineNodeOptions EngineOptions { get; set; }

    /// <summary>What the nodes that are started from now on open their stores with.</summary>
    public IStoreProvider NodeStores { get; set; }

    public ConsoleNode? ConsoleNode { get; private set; }

    public EngineNode? EngineNode { get; private set; }

    /// <summary>Where the ways lead while the node at their end does not run.</summary>
    public IPEndPoint? StandIn { get; set; }

    /// <summary>The way that the console dials.</summary>
    public Relay ToEngine { get; }

    /// <summary>The way that the engine dials.</summary>
    public Relay ToConsole { get; }

    /// <summary>Where the console dials the engine.</summary>
    public IPEndPoint EngineAt => _direct ? EngineOptions.Listen : ToEngine.EndPoint;

    /// <summary>Where the engine dials the console.</summary>
    public IPEndPoint ConsoleAt => _direct ? ConsoleOptions.Listen : ToConsole.EndPoint;

    public Guid PairingId { get; private set; }

    /// <summary>What both nodes log; a test may do something at the very moment of a line.</summary>
    public ConcurrentQueue<LogEntry> Log { get; } = new();

    public Action<LogEntry>? Logged { get; set; }

    public EngineRecord AtConsole => Console.Store.GetEngine(PairingId)!;

    public ConsoleRecord AtEngine => Engine.Store.GetConsole(PairingId)!;

    public static async Task<NodePair> StartAsync(
        Func<ConsoleNodeOptions, ConsoleNodeOptions>? console = null,
        Func<EngineNodeOptions, EngineNodeOptions>? engine = null,
        string? consoleHost = null,
        string? engineHost = null,
        bool direct = false)
    {
        var pair = new NodePair(consoleHost, engineHost, direct);
        pair.ConsoleOptions = console?.Invoke(pair.ConsoleOptions) ?? pair.ConsoleOptions;
        pair.EngineOptions = engine?.Invoke(pair.EngineOptions) ?? pair.EngineOptions;
        try
        {
            await pair.StartConsoleAsync();
            await pair.StartEngineAsync();
            return pair;
        }
        catch
        {
            await pair.DisposeAsync();
            throw;
        }
    }

    /// <summary>Both run, are paired by secret in that direction, and have made a round trip.</summary>
    public static async Task<NodePair> ActiveAsync(
        CommunicationDirection way,
        Func<ConsoleNodeOptions, ConsoleNodeOptions>? console = null,
        Func<EngineNodeOptions, EngineNodeOptions>? engine = null,
        string? consoleHost = null,
        string? engineHost = null,
        bool direct = false)
    {
        NodePair pair = await StartAsync(console, engine, consoleHost, engineHost, direct);
        try
        {
            await pair.PairAsync(way);
            await pair.OpenedAsync();
            return pair;
        }
        catch
        {
            await pair.DisposeAsync();
            throw;
        }
    }

    public async Task StartConsoleAsync() => ConsoleNode = await OnceFreeAsync(() => ConsoleNode.StartAsync(
        ConsoleFolder, NodeStores, ConsoleOptions, Write, CancellationToken.None));

    public async Task StartEngineAsync() => EngineNode = await OnceFreeAsync(() => EngineNode.StartAsync(
        EngineFolder, NodeStores, EngineOptions, Write, CancellationToken.None));

    /// <summary>Both nodes begin anew on stores that the test watches.</summary>
    public async Task<WatchedStores> WatchAsync()
    {
        await StopEngineAsync();
        await StopConsoleAsync();
        var stores = new WatchedStores();
        NodeStores = stores;
        await StartConsoleAsync();
        await StartEngineAsync();
        return stores;
    }

    public async Task StopConsoleAsync()
    {
        await ConsoleNode!.DisposeAsync().AsTask().WaitAsync(Patience);
        ConsoleNode = null;
    }

    /// <summary>The engine has stopped, and the console knows.</summary>
    public async Task StopEngineAsync()
    {
        await EndEngineAsync();
        using var patience = new CancellationTokenSource(Patience);
        while (ConsoleNode?.Links.Find(PairingId)?.Channels.Any == true)
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    /// <summary>From now on the console is the one in that folder; the one before does not run any more.</summary>
    public void MoveConsole(DataFolder folder)
    {
        Console.Dispose();
        ConsoleFolder = folder;
        Console = ConsoleAdmin.Open(folder, _stores, _time);
    }

    /// <summary>The engine, which does not run, is put back to that copy of its store.</summary>
    public void Restore(string store)
    {
        Engine.Dispose();
        foreach (string file in Directory.GetFiles(EngineFolder.Engine, "store.db*"))
        {
            File.Delete(file);
        }

        File.Copy(store, Path.Combine(EngineFolder.Engine, "store.db"));
        Engine = EngineAdmin.Open(EngineFolder, _stores, _time);
    }

    /// <summary>By a secret of the side that is dialled.</summary>
    public async Task PairAsync(CommunicationDirection way)
    {
        if (way == CommunicationDirection.ConsoleToEngine)
        {
            PairingSecret secret = Engine.CreateSecret(TimeSpan.FromMinutes(5), Name, singleUse: true).Secret;
            PairingId = (await Console.RegisterEngineAsync(
                Name, $"{EngineAt.Address}", EngineAt.Port, secret, CancellationToken.None)).PairingId;
        }
        else
        {
            PairingSecret secret = Console.CreateSecret(TimeSpan.FromMinutes(5), Name, singleUse: true).Secret;
            PairingId = (await Engine.PairAsync(
                $"{ConsoleAt.Address}", ConsoleAt.Port, secret, Name, TimeSpan.FromSeconds(1), CancellationToken.None))
                .PairingId;
        }
    }

    /// <summary>For a pairing by approval, where the test comes to know the number.</summary>
    public void Is(Guid pairingId) => PairingId = pairingId;

    public DirectionChangeRequest Request(CommunicationDirection to, TimeSpan? timeout = null) => new()
    {
        Direction = to,
        Address = to == CommunicationDirection.ConsoleToEngine ? $"{EngineAt.Address}" : null,
        Port = to == CommunicationDirection.ConsoleToEngine ? EngineAt.Port : null,
        ConsoleAddress = to == CommunicationDirection.EngineToConsole ? $"{ConsoleAt.Address}" : null,
        ConsolePort = to == CommunicationDirection.EngineToConsole ? ConsoleAt.Port : null,
        Timeout = timeout ?? TimeSpan.FromMinutes(2),
    };

    public Task<FirewallPlan> ChangeAsync(CommunicationDirection to, TimeSpan? timeout = null) => Console.Direction
        .ChangeAsync(PairingId, Request(to, timeout), null, CancellationToken.None).WaitAsync(Patience);

    /// <summary>The relay of the way that is in force under that direction.</summary>
    public Relay On(CommunicationDirection way) =>
        way == CommunicationDirection.ConsoleToEngine ? ToEngine : ToConsole;

    public async ValueTask DisposeAsync()
    {
        Logged = null;
        ToEngine.Speak();
        ToConsole.Speak();
        if (EngineNode is not null)
        {
            await EndEngineAsync();
        }

        if (ConsoleNode is not null)
        {
            await StopConsoleAsync();
        }

        await ToEngine.DisposeAsync();
        await ToConsole.DisposeAsync();
        Console.Dispose();
        Engine.Dispose();
        _folder.Dispose();
    }

    /// <summary>On an address that is this pair's alone a port that was free stays so.</summary>
    private static int FreePort(IPAddress address)
    {
        using var free = new UnusedPort(address);
        return free.Number;
    }

    /// <summary>Another test's child process may hold what this process has closed, from its fork to its exec.</summary>
    private static async Task<T> OnceFreeAsync<T>(Func<Task<T>> start)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            try
            {
                return await start().WaitAsync(Patience);
            }
            catch (ScanEngineException exception) when (exception.Code == FaultCode.PortInUse)
            {
                patience.Token.ThrowIfCancellationRequested();
                await Task.Yield();
            }
        }
    }

    private async Task EndEngineAsync()
    {
        await EngineNode!.DisposeAsync().AsTask().WaitAsync(Patience);
        EngineNode = null;
    }

    private void Write(LogEntry entry)
    {
        Log.Enqueue(entry);
        Logged?.Invoke(entry);
    }
}
