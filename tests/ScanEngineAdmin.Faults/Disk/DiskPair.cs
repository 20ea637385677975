using System.Collections.Concurrent;
using System.Net;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Core.Console;
using ScanEngineAdmin.Core.Engine;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Core.Pairing;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Faults.Attack;
using ScanEngineAdmin.Faults.Lab;
using ScanEngineAdmin.Storage;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Faults.Disk;

/// <summary>A console and an engine that polls it, one of them on a small disk, with admins that come and go.</summary>
internal sealed class DiskPair : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly SqliteStoreProvider _stores = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sea-full-");
    private readonly byte _net = (byte)Random.Shared.Next(1, 200);
    private readonly DataFolder _console;
    private readonly DataFolder _engine;
    private ConsoleNode? _consoleNode;
    private EngineNode? _engineNode;
    private int _port;

    public DiskPair(DiskCase one)
    {
        Disk = new SmallDisk(one.Megabytes);
        _console = DataFolder.Resolve(one.AtConsole ? Disk.Path : Path.Combine(_folder.FullName, "console-host"));
        _engine = DataFolder.Resolve(one.AtConsole ? Path.Combine(_folder.FullName, "engine-host") : Disk.Path);
    }

    public SmallDisk Disk { get; }

    /// <summary>The node's log goes there, too, while this is set.</summary>
    public string? LogFile { get; private set; }

    public ConcurrentQueue<LogEntry> Log { get; } = new();

    public Guid PairingId { get; private set; }

    public ConsoleNode Console => _consoleNode!;

    /// <summary>What the store takes on the disk, its log of writes included.</summary>
    public long StoreBytes(bool atConsole) => new DirectoryInfo(atConsole ? _console.Console : _engine.Engine)
        .GetFiles("store.db*").Where(file => file.Name is "store.db" or "store.db-wal").Sum(file => file.Length);

    /// <summary>A session of its own for each command, as a cmdlet has.</summary>
    public T AtConsole<T>(Func<ConsoleAdmin, T> command)
    {
        using ConsoleAdmin admin = ConsoleAdmin.Open(_console, _stores);
        return command(admin);
    }

    public ConsoleAdmin OpenConsole() => ConsoleAdmin.Open(_console, _stores);

    public T AtEngine<T>(Func<EngineAdmin, T> command)
    {
        using EngineAdmin admin = EngineAdmin.Open(_engine, _stores);
        return command(admin);
    }

    public async Task StartConsoleAsync()
    {
        _consoleNode = await ConsoleNode.StartAsync(
            _console,
            _stores,
            new ConsoleNodeOptions
            {
                Listen = new IPEndPoint(At(1), _port),
                Channel = AttackStage.Fast,
                StoreCheck = TimeSpan.FromMilliseconds(300),
                MaxRetry = TimeSpan.FromSeconds(2),
            },
            Write,
            CancellationToken.None).WaitAsync(Patience);
        _port = _consoleNode.EndPoint.Port;
    }

    public async Task StartEngineAsync() => _engineNode = await EngineNode.StartAsync(
        _engine,
        _stores,
        new EngineNodeOptions
        {
            Listen = new IPEndPoint(At(2), 0),
            Channel = AttackStage.Fast,
            StoreCheck = TimeSpan.FromMilliseconds(300),
            MaxRetry = TimeSpan.FromSeconds(2),
        },
        Write,
        CancellationToken.None).WaitAsync(Patience);

    public async Task StopConsoleAsync()
    {
        if (_consoleNode is { } node)
        {
            await node.DisposeAsync().AsTask().WaitAsync(Patience);
            _consoleNode = null;
        }
    }

    public async Task StopEngineAsync()
    {
        if (_engineNode is { } node)
        {
            await node.DisposeAsync().AsTask().WaitAsync(Patience);
            _engineNode = null;
        }
    }

    public async Task PairAsync()
    {
        await StartConsoleAsync();
        await StartEngineAsync();
        PairingId = await PairAsync(_engine, "honest");
    }

    /// <summary>An engine that is not run: its key is the attacker's.</summary>
    public async Task<(Guid PairingId, Attacker Attacker)> PairHostileAsync()
    {
        DataFolder folder = DataFolder.Resolve(Path.Combine(_folder.FullName, "hostile-host"));
        Guid pairing = await PairAsync(folder, "hostile");
        return (pairing, Attacker.Of(NodeRole.Engine, folder.Engine));
    }

    /// <summary>Ports of this machine that nobody listens on: a finding each.</summary>
    public ScanRequest Request(int units, int rate = 0) => new()
    {
        Targets = [$"{At(64)}/26"],
        Ports = $"1-{units / 64}",
        Timeout = TimeSpan.FromSeconds(5),
        BannerTimeout = TimeSpan.Zero,
        MaxRate = rate,
    };

    public ScanRecord Scan(Guid scanId) => AtConsole(admin => admin.Store.GetScan(scanId)!);

    public ScanRecord Queue(ScanRequest request) => AtConsole(admin => admin.Scans.Add(PairingId, request));

    public Task<bool> UntilScanAsync(Guid scanId, Func<ScanRecord, bool> holds) =>
        Eventually.TrueAsync(() => holds(Scan(scanId)), Patience);

    public async Task CompletedAsync(Guid scanId)
    {
        if (!await UntilScanAsync(scanId, scan => scan.IsFinished) || Scan(scanId).State != ScanState.Completed)
        {
            throw new InvalidOperationException($"A scan is {Scan(scanId).State}: {Scan(scanId).Detail}");
        }
    }

    /// <summary>The disk is full, and the node's log on it takes what becomes free.</summary>
    public void FillWithLog()
    {
        LogFile = Path.Combine(Disk.Path, "node.log");
        Disk.Fill(16 * 1024);
        File.AppendAllText(LogFile, new string('x', 8 * 1024));
    }

    public async ValueTask DisposeAsync()
    {
        Disk.Free();
        await StopEngineAsync();
        await StopConsoleAsync();
        Disk.Dispose();
        _folder.Delete(recursive: true);
    }

    private async Task<Guid> PairAsync(DataFolder folder, string name)
    {
        PairingSecret secret = AtConsole(
            admin => admin.CreateSecret(TimeSpan.FromMinutes(30), null, singleUse: true).Secret);
        using EngineAdmin engine = EngineAdmin.Open(folder, _stores);
        ConsoleRecord paired = await engine.PairAsync(
            $"{At(1)}", Console.EndPoint.Port, secret, name, TimeSpan.FromSeconds(1), CancellationToken.None);
        return paired.PairingId;
    }

    private IPAddress At(byte host) => new([127, 79, _net, host]);

    private void Write(LogEntry entry)
    {
        Log.Enqueue(entry);
        if (LogFile is { } file)
        {
            try
            {
                File.AppendAllText(file, $"{entry.Time:O} {entry.Event} {entry.Message}\n");
            }
            catch (IOException)
            {
                // Whoever keeps the log sees to that; the node goes on.
            }
        }
    }
}
