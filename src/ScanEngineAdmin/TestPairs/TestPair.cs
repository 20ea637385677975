using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Core.Console;
using ScanEngineAdmin.Core.Engine;
using ScanEngineAdmin.Core.Pairing;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Hosting;
using ScanEngineAdmin.Loading;

namespace ScanEngineAdmin.TestPairs;

/// <summary>
/// A console and an engine of this process, each behind a relay that injects faults. The relays have 127.0.0.1 and the
/// nodes another address of the loopback with the same port, so that whatever one end is told of the other leads through
/// the relay, also after a change of direction.
/// </summary>
internal sealed class TestPair : IAsyncDisposable
{
    public const string Address = "127.0.0.1";
    private const int Attempts = 20;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    // The nodes stop within two seconds; on a host that is busy with other things it was more than five.
    private static readonly TimeSpan ExitPatience = TimeSpan.FromSeconds(30);

    private static readonly ConcurrentDictionary<string, TestPair> Pairs = new(
        OperatingSystem.IsWindows() ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal);

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly bool _ownsRoot;
    private FaultRelay? _toConsole;
    private FaultRelay? _toEngine;
    private IPEndPoint _console = new(IPAddress.None, 0);
    private IPEndPoint _engine = new(IPAddress.None, 0);
    private HostedNode? _strangeConsole;
    private HostedNode? _strangeEngine;

    // Of a process that ends by itself nothing stays: there are keys in such a folder.
    static TestPair() => AppDomain.CurrentDomain.ProcessExit +=
        static (_, _) => Task.WhenAny(RemoveAllAsync(), Task.Delay(ExitPatience)).Wait();

    private TestPair(string root, bool ownsRoot, string engineName, CommunicationDirection direction)
    {
        Root = root;
        _ownsRoot = ownsRoot;
        EngineName = engineName;
        Direction = direction;
        ConsolePath = Path.Combine(root, "c");
        EnginePath = Path.Combine(root, "e");
    }

    public string Root { get; }

    public string EngineName { get; }

    public CommunicationDirection Direction { get; }

    public string ConsolePath { get; }

    public string EnginePath { get; }

    public int ConsolePort => _toConsole?.Port ?? 0;

    public int EnginePort => _toEngine?.Port ?? 0;

    public TestPairFault Fault { get; private set; }

    public TimeSpan Delay { get; private set; }

    private DataFolder ConsoleFolder => DataFolder.Resolve(ConsolePath);

    private DataFolder EngineFolder => DataFolder.Resolve(EnginePath);

    // Short times, so that a test sees a fault and its end soon. What is waited for is the same as elsewhere.
    private ConsoleNodeOptions ConsoleOptions => new()
    {
        Listen = _console,
        AdvertisedAddress = Address,
        Grace = TimeSpan.FromSeconds(1),
        ProbeInterval = TimeSpan.FromSeconds(2),
        OverdueInterval = TimeSpan.FromSeconds(5),
        Linger = TimeSpan.FromSeconds(5),
        MinRetry = TimeSpan.FromMilliseconds(200),
        MaxRetry = TimeSpan.FromSeconds(1),
        StoreCheck = TimeSpan.FromMilliseconds(500),
        PendingRetry = TimeSpan.FromSeconds(1),
        MaxPendingRetry = TimeSpan.FromSeconds(5),
        ScanRetry = TimeSpan.FromSeconds(1),
    };

    private EngineNodeOptions EngineOptions => new()
    {
        Listen = _engine,
        MinRetry = TimeSpan.FromMilliseconds(200),
        MaxRetry = TimeSpan.FromSeconds(1),
        RefusedRetry = TimeSpan.FromSeconds(2),
        StoreCheck = TimeSpan.FromMilliseconds(500),
    };

    /// <exception cref="ScanEngineException">OptionInvalid: no pair of this process has that folder.</exception>
    public static TestPair Find(string root) => Pairs.TryGetValue(Path.GetFullPath(root), out TestPair? pair)
        ? pair
        : throw new ScanEngineException(
            FaultCode.OptionInvalid,
            $"No test pair of this process has the folder '{root}': it was removed, or another process made it.",
            "Pipe what New-ScanEngineTestPair returned in this process: $pair | Set-ScanEngineTestPair.",
            root);

    /// <summary>Makes the pair, and returns when the two are in contact. What fails leaves nothing behind.</summary>
    /// <param name="root">A folder that is there and empty; null for a new one in the system's for temporary files.</param>
    /// <param name="engineName">The name that the engine goes by.</param>
    /// <param name="direction">Who dials.</param>
    /// <param name="cancellationToken">Ends the wait, and undoes what was made.</param>
    public static async Task<TestPair> CreateAsync(
        string? root, string engineName, CommunicationDirection direction, CancellationToken cancellationToken)
    {
        bool owns = root is null;
        string path = root is null
            ? Directory.CreateTempSubdirectory("sea-test-").FullName
            : Path.GetFullPath(Directory.CreateDirectory(root).FullName);
        var pair = new TestPair(path, owns, engineName, direction);
        if (!owns && Directory.EnumerateFileSystemEntries(path).Any())
        {
            throw new ScanEngineException(
                FaultCode.OptionInvalid,
                $"The folder '{path}' for a test pair is not empty.",
                "Name an empty one, or none: the pair then has a folder of its own.",
                path);
        }

        Pairs[path] = pair;
        try
        {
            await pair.StartAsync(cancellationToken).ConfigureAwait(false);
            return pair;
        }
        catch
        {
            await pair.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Takes back the fault there was and injects another; returns when it is in force.</summary>
    public async Task SetAsync(TestPairFault fault, TimeSpan delay, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (fault == TestPairFault.WrongPeer)
            {
                await StartStrangersAsync(cancellationToken).ConfigureAwait(false);
            }

            // Cut first: what is stopped behind a reset says goodbye to nobody.
            Fault = fault;
            Delay = delay;
            Route();
            if (fault == TestPairFault.ConsoleKilled)
            {
                await StopAsync(ModuleLifetime.Nodes.Find(ConsoleFolder.Console)).ConfigureAwait(false);
            }
            else
            {
                await StartConsoleAsync(cancellationToken).ConfigureAwait(false);
            }

            if (fault == TestPairFault.EngineKilled)
            {
                await StopAsync(ModuleLifetime.Nodes.Find(EngineFolder.Engine)).ConfigureAwait(false);
            }
            else
            {
                await StartEngineAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Stops both and removes what they wrote; twice is once.</summary>
    public async ValueTask DisposeAsync()
    {
        Pairs.TryRemove(Root, out _);
        await StopAsync(ModuleLifetime.Nodes.Find(ConsoleFolder.Console)).ConfigureAwait(false);
        await StopAsync(ModuleLifetime.Nodes.Find(EngineFolder.Engine)).ConfigureAwait(false);
        await StopAsync(_strangeConsole).ConfigureAwait(false);
        await StopAsync(_strangeEngine).ConfigureAwait(false);
        _toConsole?.Dispose();
        _toEngine?.Dispose();
        foreach (string folder in (string[])[ConsolePath, EnginePath, Path.Combine(Root, "x"), Path.Combine(Root, "y")])
        {
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        }

        if (_ownsRoot && Directory.Exists(Root))
        {
            Directory.Delete(Root, recursive: true);
        }

        _turn.Dispose();
    }

    /// <summary>The module goes: relays and folders of all pairs do as well. Their nodes are stopped with all others.</summary>
    public static Task RemoveAllAsync() => Task.WhenAll(Pairs.Values.Select(static pair => pair.DisposeAsync().AsTask()));

    private static Task StopAsync(HostedNode? node) => node?.StopAsync() ?? Task.CompletedTask;

    // Only the loopback of macOS has one address: there the nodes have ports of their own.
    private static IPAddress Behind(int last) =>
        OperatingSystem.IsMacOS() ? IPAddress.Loopback : new IPAddress([127, 0, 0, (byte)last]);

    private static IPEndPoint Stranger(int last, IPEndPoint known) =>
        new(Behind(last), known.Port + (OperatingSystem.IsMacOS() ? 1 : 0));

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        (_toConsole, _console) = await PlaceAsync(2, StartConsoleAsync, at => _console = at, cancellationToken)
            .ConfigureAwait(false);
        (_toEngine, _engine) = await PlaceAsync(3, StartEngineAsync, at => _engine = at, cancellationToken)
            .ConfigureAwait(false);
        Route();
        using ConsoleAdmin console = ConsoleAdmin.Open(ConsoleFolder, Stores.Provider);
        using EngineAdmin engine = EngineAdmin.Open(EngineFolder, Stores.Provider);
        var hour = TimeSpan.FromHours(1);
        if (Direction == CommunicationDirection.ConsoleToEngine)
        {
            (_, PairingSecret secret) = engine.CreateSecret(hour, null, singleUse: true);
            await console.RegisterEngineAsync(EngineName, Address, EnginePort, secret, cancellationToken)
                .ConfigureAwait(false);
        }
        else
        {
            (_, PairingSecret secret) = console.CreateSecret(hour, EngineName, singleUse: true);
            await engine.PairAsync(
                Address, ConsolePort, secret, EngineName, TimeSpan.FromSeconds(1), cancellationToken)
                .ConfigureAwait(false);
        }

        Guid pairing = console.Store.ListEngines().Single().PairingId;
        await console.WaitEngineAsync(
            pairing, static e => e.Status == CommunicationStatus.Active, Patience, null, cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>A relay, and a node behind it at the same port of another address.</summary>
    private static async Task<(FaultRelay Relay, IPEndPoint Node)> PlaceAsync(
        int last, Func<CancellationToken, Task> start, Action<IPEndPoint> set, CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            // Outside of the range from which the system serves whoever asks for any port.
            int port = Random.Shared.Next(12000, 20000);
            FaultRelay? relay = null;
            try
            {
                relay = new FaultRelay(IPAddress.Loopback, port);
                var node = new IPEndPoint(Behind(last), OperatingSystem.IsMacOS() ? port + 1 : port);
                set(node);
                await start(cancellationToken).ConfigureAwait(false);
                return (relay, node);
            }
            catch (Exception e) when (attempt < Attempts
                && e is SocketException or ScanEngineException { Code: FaultCode.PortInUse })
            {
                relay?.Dispose();
            }
            catch
            {
                relay?.Dispose();
                throw;
            }
        }
    }

    private void Route()
    {
        bool wrong = Fault == TestPairFault.WrongPeer;
        _toConsole!.Set(wrong ? Stranger(4, _console) : _console, Fault, Delay);
        _toEngine!.Set(wrong ? Stranger(5, _engine) : _engine, Fault, Delay);
    }

    private Task StartConsoleAsync(CancellationToken cancellationToken) => ModuleLifetime.Nodes.FindOrStartAsync(
        ConsoleFolder.Console,
        token => HostedConsole.StartAsync(ConsoleFolder, Stores.Provider, ConsoleOptions, null, token),
        cancellationToken);

    private Task StartEngineAsync(CancellationToken cancellationToken) => ModuleLifetime.Nodes.FindOrStartAsync(
        EngineFolder.Engine,
        token => HostedEngine.StartAsync(EngineFolder, Stores.Provider, EngineOptions, null, token),
        cancellationToken);

    private async Task StartStrangersAsync(CancellationToken cancellationToken)
    {
        _strangeConsole ??= await HostedConsole.StartAsync(
            DataFolder.Resolve(Path.Combine(Root, "x")),
            Stores.Provider,
            ConsoleOptions with { Listen = Stranger(4, _console) },
            null,
            cancellationToken).ConfigureAwait(false);
        _strangeEngine ??= await HostedEngine.StartAsync(
            DataFolder.Resolve(Path.Combine(Root, "y")),
            Stores.Provider,
            EngineOptions with { Listen = Stranger(5, _engine) },
            null,
            cancellationToken).ConfigureAwait(false);
    }
}
