using System.Net;
using System.Net.Sockets;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Core.Directions;
using ScanEngineAdmin.Core.Pairing;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Storage;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Service.Tests.Namespaces;

/// <summary>
/// Three hosts with networks of their own: the console's and the engine's, linked and dropping by default, and behind
/// the engine a segment with something to scan. The console cannot reach that one.
/// </summary>
internal sealed class Lab : IAsyncDisposable
{
    public const string EngineName = "lab-1";
    public const int ConsolePort = 40815;
    public const int EnginePort = 40814;
    private static readonly TimeSpan Bound = HostProcess.Bound;
    private static readonly IPAddress ConsoleAddress = IPAddress.Parse("10.191.0.1");
    private static readonly IPAddress EngineAddress = IPAddress.Parse("10.191.0.2");

    private readonly TemporaryFolder _folder = new();
    private readonly NetworkNamespace _consoleSpace = NetworkNamespace.CreateAlone();
    private readonly HostFilter _consoleFilter;
    private readonly HostFilter _engineFilter;
    private HostProcess? _console;
    private HostProcess? _engine;
    private Guid _pairingId;

    private Lab()
    {
        _consoleFilter = new HostFilter(_consoleSpace, ConsolePort);
        _engineFilter = new HostFilter(EngineSpace, EnginePort);
        NetworkNamespace.Link(_consoleSpace, ConsoleAddress, EngineSpace, EngineAddress);
        NetworkNamespace.Link(EngineSpace, IPAddress.Parse("10.191.0.5"), TargetSpace, Target);
        var stores = new SqliteStoreProvider();
        Console = ConsoleAdmin.Open(DataFolder.Resolve(_folder.Below("console-host")), stores);
        Engine = EngineAdmin.Open(DataFolder.Resolve(_folder.Below("engine-host")), stores);
    }

    public NetworkNamespace EngineSpace { get; } = NetworkNamespace.CreateAlone();

    public NetworkNamespace TargetSpace { get; } = NetworkNamespace.CreateAlone();

    public IPAddress Target { get; } = IPAddress.Parse("10.191.0.6");

    public ConsoleAdmin Console { get; }

    public EngineAdmin Engine { get; }

    public EngineRecord Registered => Console.Store.GetEngine(_pairingId)!;

    public ConsoleRecord Paired => Engine.Store.GetConsole(_pairingId)!;

    /// <summary>Both processes run, are paired by a secret and in contact; only that way is open.</summary>
    public static async Task<Lab> StartAsync(CommunicationDirection direction)
    {
        var lab = new Lab();
        try
        {
            lab.Allow(direction);
            lab.StartConsole();
            lab.StartEngine();
            await lab._console!.ListeningAsync("console");
            await lab._engine!.ListeningAsync("engine");
            await lab.PairAsync(direction);
            await lab.ActiveAsync(direction);
            return lab;
        }
        catch (Exception exception)
        {
            string logs = lab.Logs;
            await lab.DisposeAsync();
            throw new InvalidOperationException(logs, exception);
        }
    }

    public string Logs =>
        $"console:\n{_console?.Output}\n{_console?.Error}\nengine:\n{_engine?.Output}\n{_engine?.Error}";

    /// <summary>Both hosts' filters let the named directions through and nothing else.</summary>
    public void Allow(params CommunicationDirection[] directions)
    {
        _consoleFilter.Set(open: directions.Contains(CommunicationDirection.EngineToConsole));
        _engineFilter.Set(open: directions.Contains(CommunicationDirection.ConsoleToEngine));
    }

    /// <summary>How often the way of that direction was tried since it was shut.</summary>
    public int Tried(CommunicationDirection direction) =>
        (direction == CommunicationDirection.EngineToConsole ? _consoleFilter : _engineFilter).Tried();

    public async Task ChangeAsync(CommunicationDirection direction, TimeSpan? timeout = null) =>
        await Console.Direction.ChangeAsync(
            _pairingId,
            new DirectionChangeRequest { Direction = direction, Timeout = timeout ?? HostProcess.Bound / 2 },
            null,
            CancellationToken.None).WaitAsync(Bound);

    public async Task ActiveAsync(CommunicationDirection direction)
    {
        try
        {
            await Console.WaitEngineAsync(
                _pairingId,
                engine => engine.Status == CommunicationStatus.Active && engine.Direction == direction,
                Bound,
                null,
                CancellationToken.None);
        }
        catch (ScanEngineException exception)
        {
            throw new InvalidOperationException(Logs, exception);
        }
    }

    /// <summary>New processes know only what their stores say.</summary>
    public async Task RestartAsync()
    {
        await StopAsync(_console);
        await StopAsync(_engine);
        StartEngine();
        StartConsole();
        await _console!.ListeningAsync("console");
        await _engine!.EventAsync("EngineStarted");
    }

    /// <summary>Scans through the console's and the engine's processes.</summary>
    public async Task<IReadOnlyList<Finding>> ScanAsync(string ports, TimeSpan? banner = null)
    {
        ScanRecord queued = Console.Scans.Add(_pairingId, new ScanRequest
        {
            Targets = [Target.ToString()],
            Ports = ports,
            Timeout = TimeSpan.FromSeconds(10),
            BannerTimeout = banner ?? TimeSpan.FromSeconds(1),
        });
        try
        {
            ScanRecord scan = await Console.Scans.WaitAsync(queued.ScanId, Bound, null, CancellationToken.None);
            Assert.True(scan.State == ScanState.Completed, $"{scan.State}: {scan.Detail}\n{Logs}");
        }
        catch (ScanEngineException exception)
        {
            throw new InvalidOperationException(Logs, exception);
        }

        return [.. Console.Store.ReadFindings(queued.ScanId)];
    }

    /// <summary>A listener in the segment behind the engine.</summary>
    public TcpListener Serve(int port) => TargetSpace.Make(() =>
    {
        var listener = new TcpListener(Target, port);
        listener.Start();
        return listener;
    });

    public async ValueTask DisposeAsync()
    {
        if (_console is not null)
        {
            await _console.DisposeAsync();
        }

        if (_engine is not null)
        {
            await _engine.DisposeAsync();
        }

        Console.Dispose();
        Engine.Dispose();
        _consoleSpace.Dispose();
        EngineSpace.Dispose();
        TargetSpace.Dispose();
        _folder.Dispose();
    }

    private static async Task StopAsync(HostProcess? process)
    {
        process!.Signal(Processes.Terminate);
        Assert.Equal(0, await process.EndAsync());
        await process.DisposeAsync();
    }

    private void StartConsole() => _console = HostProcess.StartIn(
        _consoleSpace.Name, "console", "--data", Console.Folder.Root, "--advertise", ConsoleAddress.ToString());

    private void StartEngine() =>
        _engine = HostProcess.StartIn(EngineSpace.Name, "engine", "--data", Engine.Folder.Root);

    // The side that will dial uses the secret that the other side made.
    private async Task PairAsync(CommunicationDirection direction)
    {
        var expires = TimeSpan.FromMinutes(5);
        if (direction == CommunicationDirection.ConsoleToEngine)
        {
            PairingSecret secret = Engine.CreateSecret(expires, EngineName, singleUse: true).Secret;
            string[] register = ["register", Console.Folder.Root, $"{EngineAddress}", $"{EnginePort}", EngineName];
            await HostProcess.AdministerAsync(_consoleSpace.Name, secret.Reveal(), register);
        }
        else
        {
            PairingSecret secret = Console.CreateSecret(expires, EngineName, singleUse: true).Secret;
            string[] pair = ["pair", Engine.Folder.Root, $"{ConsoleAddress}", $"{ConsolePort}", EngineName];
            await HostProcess.AdministerAsync(EngineSpace.Name, secret.Reveal(), pair);
        }

        _pairingId = Console.Store.FindEngine(EngineName)!.PairingId;
    }
}
