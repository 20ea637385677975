using System.Net;
using System.Net.Sockets;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Core.Pairing;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Faults.Lab;
using ScanEngineAdmin.Storage;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Faults.Direction;

/// <summary>
/// The hosts of one cell, with networks of their own: the console's, the engine's, and behind the engine something to
/// scan. Both nodes are processes; this one is the admin on both hosts.
/// </summary>
internal sealed class DirectionLab : IAsyncDisposable
{
    public const int ConsolePort = 40815;
    public const int EnginePort = 40814;

    /// <summary>Where nobody listens, or somebody else.</summary>
    public const int OtherPort = 40999;

    public static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);
    private const string EngineName = "lab-1";
    private static readonly IPAddress ConsoleAddress = IPAddress.Parse("10.191.0.1");
    private static readonly IPAddress EngineAddress = IPAddress.Parse("10.191.0.2");
    private static readonly IPAddress EngineInside = IPAddress.Parse("10.191.0.5");
    private static readonly IPAddress TargetAddress = IPAddress.Parse("10.191.0.6");

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sea-direction-");
    private readonly NetworkNamespace _targetSpace = NetworkNamespace.CreateAlone();
    private readonly List<MatrixHost> _strangers = [];
    private Guid _pairingId;

    private DirectionLab()
    {
        string console = Path.Combine(_folder.FullName, "c");
        string engine = Path.Combine(_folder.FullName, "e");
        ConsoleHost = new MatrixHost(
            "console", console, new IPEndPoint(ConsoleAddress, ConsolePort), NetworkNamespace.CreateAlone());
        EngineHost = new MatrixHost(
            "engine", engine, new IPEndPoint(EngineAddress, EnginePort), NetworkNamespace.CreateAlone());
        NetworkNamespace.Link(ConsoleHost.Space, ConsoleAddress, EngineHost.Space, EngineAddress);
        NetworkNamespace.Link(EngineHost.Space, EngineInside, _targetSpace, TargetAddress);
        ConsoleHost.Space.Run("ip", "route", "add", $"{EngineInside}/32", "via", $"{EngineAddress}");
        Target = new HeldTarget(_targetSpace, TargetAddress);
        var stores = new SqliteStoreProvider();
        Console = ConsoleAdmin.Open(DataFolder.Resolve(console), stores);
        Engine = EngineAdmin.Open(DataFolder.Resolve(engine), stores);
        Heal();
    }

    public MatrixHost ConsoleHost { get; }

    public MatrixHost EngineHost { get; }

    public HeldTarget Target { get; }

    public ConsoleAdmin Console { get; }

    public EngineAdmin Engine { get; }

    public EngineRecord Registered => Console.Store.GetEngine(_pairingId)!;

    public ConsoleRecord Paired => Engine.Store.GetConsole(_pairingId)!;

    /// <summary>No change is open, the engine is in no doubt, and both name the same direction.</summary>
    public bool IsAgreed => Console.Store.ListChanges(_pairingId, openOnly: true).Count == 0
        && Paired is { ChangeId: null } paired
        && Registered is { } registered
        && paired.Direction == registered.Direction
        && paired.Epoch <= registered.Epoch;

    /// <summary>Both processes run, are paired by a secret and in contact.</summary>
    public static async Task<DirectionLab> StartAsync(CommunicationDirection direction)
    {
        var lab = new DirectionLab();
        try
        {
            await Task.WhenAll(lab.ConsoleHost.StartAsync(), lab.EngineHost.StartAsync());
            await lab.PairAsync(direction);
            return await lab.InForceAsync(direction)
                ? lab
                : throw new InvalidOperationException("The two never came into contact.");
        }
        catch (Exception exception)
        {
            string logs = lab.Logs(int.MaxValue);
            await lab.DisposeAsync();
            throw new InvalidOperationException(logs, exception);
        }
    }

    /// <summary>The host of the side that is dialled, and at which port, in that direction.</summary>
    public (MatrixHost Host, int Port) Listener(CommunicationDirection direction) =>
        direction == CommunicationDirection.ConsoleToEngine ? (EngineHost, EnginePort) : (ConsoleHost, ConsolePort);

    /// <summary>
    /// Writes an admin's request as the admin's command does, without its look at this machine's own firewall.
    /// </summary>
    public void Ask(
        CommunicationDirection direction, TimeSpan timeout, bool elsewhere = false, bool applyFirewall = false)
    {
        EngineRecord engine = Registered;
        bool standard = direction == CommunicationDirection.ConsoleToEngine;
        Console.Store.AddChange(new ChangeRecord
        {
            ChangeId = Guid.NewGuid(),
            PairingId = _pairingId,
            From = engine.Direction,
            Direction = direction,
            Epoch = engine.Epoch + 1,
            State = ChangeState.Requested,
            Address = !standard ? null : elsewhere ? EngineInside.ToString() : EngineAddress.ToString(),
            Port = standard ? EnginePort : null,
            ConsoleAddress = standard ? null : ConsoleAddress.ToString(),
            ConsolePort = standard ? null : elsewhere ? OtherPort : ConsolePort,
            Timeout = timeout,
            ApplyFirewall = applyFirewall,
            Requested = DateTimeOffset.UtcNow,
            RequestedBy = "the matrix",
        });
    }

    /// <summary>The newest change.</summary>
    public ChangeRecord Change() => Console.Store.ListChanges(_pairingId)[0];

    public Guid Scan() => Console.Scans.Add(_pairingId, Target.Request).ScanId;

    /// <summary>Both are agreed on that direction and connected that way only, with the other one closed.</summary>
    public async Task<bool> InForceAsync(CommunicationDirection direction) => await Eventually.TrueAsync(
        () => IsAgreed && Registered is { Status: CommunicationStatus.Active } engine && engine.Direction == direction
            && IsConnectedOnly(direction),
        Bound);

    /// <summary>What a stranger to the pairing gets who dials the engine: true when nobody is there.</summary>
    public bool IsEngineRefusing() => ConsoleHost.Space.Make(() =>
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Connect(EngineAddress, EnginePort);
            return false;
        }
        catch (SocketException exception)
        {
            return exception.SocketErrorCode == SocketError.ConnectionRefused;
        }
    });

    /// <summary>Another process takes the port that the engine will want.</summary>
    public TcpListener Occupy() => EngineHost.Space.Make(() =>
    {
        var listener = new TcpListener(EngineAddress, EnginePort);
        listener.Start();
        return listener;
    });

    /// <summary>
    /// A node of the same kind with another identity on the host of the side to be dialled: where the console is
    /// dialled, at another port; where the engine is, at its other address, because the engine takes the port named.
    /// </summary>
    public async Task<MatrixHost> StartStrangerAsync(CommunicationDirection direction)
    {
        string folder = Path.Combine(_folder.FullName, "x");
        MatrixHost stranger = direction == CommunicationDirection.ConsoleToEngine
            ? new MatrixHost("engine", folder, new IPEndPoint(EngineInside, EnginePort), EngineHost.Space)
            : new MatrixHost("console", folder, new IPEndPoint(ConsoleAddress, OtherPort), ConsoleHost.Space);
        _strangers.Add(stranger);
        await stranger.StartAsync();
        return stranger;
    }

    /// <summary>Both firewalls let everything through that the lab needs.</summary>
    public void Heal()
    {
        ConsoleHost.Filter.Open();
        EngineHost.Filter.Open();
    }

    public string Logs(int lines) =>
        string.Join('\n', ConsoleHost.Log.TakeLast(lines).Concat(EngineHost.Log.TakeLast(lines)));

    public async ValueTask DisposeAsync()
    {
        foreach (MatrixHost host in _strangers.Append(ConsoleHost).Append(EngineHost))
        {
            await host.DisposeAsync();
        }

        await Target.DisposeAsync();
        Console.Dispose();
        Engine.Dispose();
        ConsoleHost.Space.Dispose();
        EngineHost.Space.Dispose();
        _targetSpace.Dispose();
        _folder.Delete(recursive: true);
    }

    private bool IsConnectedOnly(CommunicationDirection direction)
    {
        IReadOnlyList<TcpTable> sockets = EngineHost.Sockets;
        bool listened = sockets.Any(socket => socket.LocalPort == EnginePort && socket.IsListening);
        bool dialled = sockets.Any(socket => socket.LocalPort == EnginePort && socket.IsOpen);
        bool polls = sockets.Any(socket => socket.RemotePort == ConsolePort && socket.IsOpen);
        return direction == CommunicationDirection.ConsoleToEngine
            ? listened && dialled && !polls
            : polls && !listened && !dialled;
    }

    // The side that will dial uses the secret that the other side made.
    private async Task PairAsync(CommunicationDirection direction)
    {
        var expires = TimeSpan.FromMinutes(5);
        if (direction == CommunicationDirection.ConsoleToEngine)
        {
            PairingSecret secret = Engine.CreateSecret(expires, EngineName, singleUse: true).Secret;
            await ConsoleHost.PairAsync(new IPEndPoint(EngineAddress, EnginePort), EngineName, secret.Reveal());
        }
        else
        {
            PairingSecret secret = Console.CreateSecret(expires, EngineName, singleUse: true).Secret;
            await EngineHost.PairAsync(new IPEndPoint(ConsoleAddress, ConsolePort), EngineName, secret.Reveal());
        }

        _pairingId = Console.Store.FindEngine(EngineName)!.PairingId;
    }
}
