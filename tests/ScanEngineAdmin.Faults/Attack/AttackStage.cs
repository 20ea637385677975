using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Core.Console;
using ScanEngineAdmin.Core.Engine;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Storage;

namespace ScanEngineAdmin.Faults.Attack;

/// <summary>
/// A real console with two real engines, one dialled and one polling, on loopback addresses of their own. While it is
/// attacked both engines have to finish a scan.
/// </summary>
internal sealed class AttackStage : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan StoreCheck = TimeSpan.FromMilliseconds(500);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sea-attack-");
    private readonly SqliteStoreProvider _stores = new();
    private readonly TcpListener _victim;
    private readonly byte _net = (byte)Random.Shared.Next(1, 200);
    private readonly List<IDisposable> _admins = [];
    private ConsoleNode? _console;
    private readonly List<EngineNode> _engines = [];
    private readonly ChannelOptions _channel;
    private int _folders;

    private AttackStage(ChannelOptions channel)
    {
        _channel = channel;
        _victim = new TcpListener(At(9), 0);
        _victim.Start(256);
        ConsoleFolder = DataFolder.Resolve(Path.Combine(_folder.FullName, "console-host"));
        Console = ConsoleAdmin.Open(ConsoleFolder, _stores);
        _admins.Add(Console);
    }

    public static ChannelOptions Fast { get; } = ChannelOptions.Default with
    {
        HandshakeTimeout = TimeSpan.FromSeconds(6),
        CloseTimeout = TimeSpan.FromSeconds(2),
    };

    /// <summary>For a machine that may stand still for seconds.</summary>
    public static ChannelOptions Patient { get; } = Fast with { HandshakeTimeout = TimeSpan.FromSeconds(55) };

    public DataFolder ConsoleFolder { get; }

    public ConsoleAdmin Console { get; }

    public ConsoleNode ConsoleNode => _console!;

    public EngineAdmin Standard { get; private set; } = null!;

    public EngineNode StandardNode { get; private set; } = null!;

    public Guid StandardId { get; private set; }

    public Guid ReverseId { get; private set; }

    public ConcurrentQueue<LogEntry> Log { get; } = new();

    public IPAddress At(byte host) => new([127, 77, _net, host]);

    /// <param name="channel">Of the nodes; null for what the attacks on the handshake count with.</param>
    public static async Task<AttackStage> OpenAsync(ChannelOptions? channel = null)
    {
        var stage = new AttackStage(channel ?? Fast);
        try
        {
            await stage.PairAsync();
            return stage;
        }
        catch
        {
            await stage.DisposeAsync();
            throw;
        }
    }

    /// <summary>A data folder of an engine that is not run: its identity is the attacker's to use.</summary>
    public EngineAdmin NewEngine()
    {
        EngineAdmin admin = EngineAdmin.Open(NewFolder("engine"), _stores);
        _admins.Add(admin);
        return admin;
    }

    public ConsoleAdmin NewConsole()
    {
        ConsoleAdmin admin = ConsoleAdmin.Open(NewFolder("console"), _stores);
        _admins.Add(admin);
        return admin;
    }

    public Task<ConsoleRecord> PairReverseAsync(EngineAdmin engine, string name)
    {
        var secret = Console.CreateSecret(TimeSpan.FromMinutes(30), null, singleUse: true).Secret;
        return engine.PairAsync(
            $"{At(1)}", ConsoleNode.EndPoint.Port, secret, name, TimeSpan.FromSeconds(1), CancellationToken.None);
    }

    /// <summary>Both engines scan; throws when one of them is not served.</summary>
    public async Task ServeAsync()
    {
        ScanRecord[] scans = [Console.Scans.Add(StandardId, Request()), Console.Scans.Add(ReverseId, Request())];
        foreach (ScanRecord scan in scans)
        {
            ScanRecord done = await Console.Scans.WaitAsync(scan.ScanId, Patience, null, CancellationToken.None);
            if (done.State != ScanState.Completed || done.FindingCount != 4)
            {
                throw new InvalidOperationException(
                    $"A legitimate scan is {done.State} with {done.FindingCount} findings: {done.Detail}");
            }
        }
    }

    public ScanRequest Request() => new()
    {
        Targets = [$"{At(9)}"],
        Ports = $"1,2,3,{((IPEndPoint)_victim.LocalEndpoint).Port}",
        Timeout = TimeSpan.FromSeconds(5),
        BannerTimeout = TimeSpan.Zero,
    };

    public static async Task UntilAsync(Func<bool> holds, string what)
    {
        using var patience = new CancellationTokenSource(Patience);
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!holds())
        {
            try
            {
                // A store is read until it holds, within the patience: rows signal nobody.
                await look.WaitForNextTickAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException(what);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (EngineNode engine in _engines)
        {
            await engine.DisposeAsync();
        }

        if (_console is not null)
        {
            await _console.DisposeAsync();
        }

        _admins.ForEach(admin => admin.Dispose());
        _victim.Dispose();
        _folder.Delete(recursive: true);
    }

    private async Task PairAsync()
    {
        _console = await ConsoleNode.StartAsync(
            ConsoleFolder,
            _stores,
            new ConsoleNodeOptions
            {
                Listen = new IPEndPoint(At(1), 0),
                Channel = _channel,
                StoreCheck = StoreCheck,
                LeaseMargin = TimeSpan.FromSeconds(1),
            },
            Log.Enqueue,
            CancellationToken.None);
        (Standard, StandardNode) = await EngineAsync(2);
        (EngineAdmin reverse, _) = await EngineAsync(3);
        var secret = Standard.CreateSecret(TimeSpan.FromMinutes(30), null, singleUse: true).Secret;
        StandardId = (await Console.RegisterEngineAsync(
            "standard", $"{At(2)}", StandardNode.EndPoint!.Port, secret, CancellationToken.None)).PairingId;
        ReverseId = (await PairReverseAsync(reverse, "reverse")).PairingId;
    }

    private DataFolder NewFolder(string role) =>
        DataFolder.Resolve(Path.Combine(_folder.FullName, $"{role}-{Interlocked.Increment(ref _folders)}"));

    private async Task<(EngineAdmin Admin, EngineNode Node)> EngineAsync(byte host)
    {
        EngineAdmin admin = NewEngine();
        EngineNode node = await EngineNode.StartAsync(
            admin.Folder,
            _stores,
            new EngineNodeOptions { Listen = new IPEndPoint(At(host), 0), Channel = _channel, StoreCheck = StoreCheck },
            Log.Enqueue,
            CancellationToken.None);
        _engines.Add(node);
        return (admin, node);
    }
}
