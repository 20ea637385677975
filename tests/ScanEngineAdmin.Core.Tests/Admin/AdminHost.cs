using System.Net;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Core.Certificates;
using ScanEngineAdmin.Core.Pairing;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Firewall.Providers;
using ScanEngineAdmin.Storage;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Admin;

/// <summary>A data folder with both admins on it, and what a running node does to it, without the node.</summary>
internal sealed class AdminHost : IDisposable
{
    internal static readonly TimeSpan Bound = TimeSpan.FromMinutes(3);
    private readonly TemporaryFolder _temporary = new();
    private readonly SqliteStoreProvider _stores = new();

    internal AdminHost(FirewallAnswers? answers = null)
    {
        Folder = DataFolder.Resolve(_temporary.Path);
        Console = ConsoleAdmin.Open(Folder, _stores, answers: answers);
        Engine = EngineAdmin.Open(Folder, _stores, answers: answers);
    }

    internal DataFolder Folder { get; }

    internal ConsoleAdmin Console { get; }

    internal EngineAdmin Engine { get; }

    internal IConsoleStore OpenConsole() => _stores.OpenConsole(Folder.Console);

    internal EngineRecord AddPaired(
        string name, CommunicationDirection direction, string? address = null, string? observed = null)
    {
        var engine = new EngineRecord
        {
            PairingId = Guid.NewGuid(),
            EngineId = Guid.NewGuid(),
            Name = name,
            Address = address,
            ObservedAddress = observed,
            Direction = direction,
            Epoch = 6,
            State = EngineState.Paired,
            Pins = [Key(name)],
            ObservedFingerprint = Key(name),
            ApprovedByEngine = true,
            Registered = DateTimeOffset.UnixEpoch,
        };
        Console.Store.AddEngine(engine);
        return engine;
    }

    internal static Fingerprint Key(string name) => Fingerprint.Parse(
        Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(name))));

    internal static NodeRecord Node(string? endPoint = null) => new()
    {
        BootId = Guid.NewGuid(),
        ProcessId = 4711,
        HostedBy = "test",
        EndPoint = endPoint,
        Started = DateTimeOffset.UnixEpoch,
    };

    /// <summary>Answers pairings on loopback as the node of that role would.</summary>
    internal ChannelListener Accept(NodeRole role, ChannelRuntime runtime)
    {
        string folder = role == NodeRole.Console ? Folder.Console : Folder.Engine;
        (Guid id, NodeIdentity identity) = IdentityFile.LoadOrCreate(folder, TimeProvider.System);
        var self = new PairingSelf(role, id, "host", "1.0", identity.Fingerprint);
        var acceptor = role == NodeRole.Console
            ? new PairingAcceptor(
                self, Console.Store, new ConsoleLedger(Console.Store, TimeProvider.System), TimeProvider.System)
            : new PairingAcceptor(
                self, Engine.Store, new EngineLedger(Engine.Store, TimeProvider.System), TimeProvider.System);
        return ChannelListener.Start(
            new IPEndPoint(IPAddress.Loopback, 0),
            identity,
            runtime,
            (peer, cancellationToken) => acceptor.AcceptAsync(new AcceptedPairing(peer), cancellationToken));
    }

    public void Dispose()
    {
        Console.Dispose();
        Engine.Dispose();
        _temporary.Dispose();
    }
}
