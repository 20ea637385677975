using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Pairing;
using ScanEngineAdmin.Core.Tests.Nodes;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Storage;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Pairing;

/// <summary>One side with a real store and a real identity.</summary>
internal sealed class PairingNode : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly INodeStore _store;

    internal PairingNode(NodeRole role, TimeProvider time, Guid? nodeId = null)
    {
        Guid id = nodeId ?? Guid.NewGuid();
        using var identity = NodeIdentity.Create(id, TimeProvider.System);
        Self = new PairingSelf(role, id, $"{role} host", "1.2.3", identity.Fingerprint);
        var stores = new SqliteStoreProvider();
        if (role == NodeRole.Console)
        {
            IConsoleStore store = WatchedStore<IConsoleStore>.Wrap(
                stores.OpenConsole(_folder.Path), (member, _) => Calling(member));
            (Console, _store, Ledger) = (store, store, new ConsoleLedger(store, time));
        }
        else
        {
            IEngineStore store = WatchedStore<IEngineStore>.Wrap(
                stores.OpenEngine(_folder.Path), (member, _) => Calling(member));
            (Engine, _store, Ledger) = (store, store, new EngineLedger(store, time, TimeSpan.FromSeconds(7)));
        }

        Acceptor = new PairingAcceptor(Self, _store, Ledger, time);
        User = new PairingUser(Self, Ledger);
        Time = time;
    }

    /// <summary>Told of every call of its store before the call is made.</summary>
    internal Action<string> Calling { get; set; } = _ => { };

    internal PairingSelf Self { get; }

    internal IConsoleStore? Console { get; }

    internal IEngineStore? Engine { get; }

    internal INodeStore Store => _store;

    internal IPairingLedger Ledger { get; }

    internal PairingAcceptor Acceptor { get; }

    internal PairingUser User { get; }

    private TimeProvider Time { get; }

    /// <summary>How many pairings stand, and the only one's number.</summary>
    internal Guid[] Pairings() => Console is not null
        ? Console.ListEngines().Select(engine => engine.PairingId).ToArray()
        : Engine!.ListConsoles().Select(console => console.PairingId).ToArray();

    internal PairingSecret Secret(string? engineName = null, bool singleUse = false)
    {
        PairingSecret secret = PairingSecret.Create(Self.Fingerprint);
        _store.AddSecret(secret.ToRecord(Time.GetUtcNow(), TimeSpan.FromHours(1), engineName, singleUse ? 1 : 20));
        return secret;
    }

    public void Dispose()
    {
        _store.Dispose();
        _folder.Dispose();
    }
}
