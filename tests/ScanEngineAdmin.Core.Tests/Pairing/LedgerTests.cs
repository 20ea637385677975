using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Pairing;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Tests.Shared;
using static ScanEngineAdmin.Core.Tests.Pairing.Peers;

namespace ScanEngineAdmin.Core.Tests.Pairing;

public sealed class LedgerTests : IDisposable
{
    private readonly ManualTime _time = new();
    private readonly PairingNode _console;
    private readonly PairingNode _engine;

    public LedgerTests()
    {
        _console = new PairingNode(NodeRole.Console, _time);
        _engine = new PairingNode(NodeRole.Engine, _time);
    }

    public void Dispose()
    {
        _console.Dispose();
        _engine.Dispose();
    }

    [Theory]
    [InlineData(NodeRole.Console)]
    [InlineData(NodeRole.Engine)]
    public void A_known_id_with_another_key_is_refused_unless_an_admin_vouches_for_it(NodeRole peer)
    {
        IPairingLedger ledger = Other(peer).Ledger;
        PairedPeer first = Peer(peer, 'a');
        PairedPeer taker = first with { PeerFingerprint = Key('b') };
        ledger.Record(first);

        Assert.Equal(
            FaultCode.IdentityConflict, Assert.Throws<ScanEngineException>(() => ledger.Record(taker)).Code);
        Assert.Equal(FaultCode.IdentityConflict, Assert.Throws<ScanEngineException>(() => ledger.Ask(taker)).Code);

        ledger.Record(taker with { Repair = true });
        Assert.Equal(first.PairingId, Assert.Single(Other(peer).Pairings()));
    }

    [Theory]
    [InlineData(NodeRole.Console)]
    [InlineData(NodeRole.Engine)]
    public void One_key_is_one_node(NodeRole peer)
    {
        IPairingLedger ledger = Other(peer).Ledger;
        PairedPeer first = Peer(peer, 'a');
        ledger.Record(first);

        Assert.Equal(FaultCode.IdentityConflict, Assert.Throws<ScanEngineException>(
            () => ledger.Record(first with { PeerNodeId = Guid.NewGuid(), PairingId = Guid.NewGuid() })).Code);
    }

    /// <summary>An admin revokes, or denies, between the proof of the secret and the record of the pairing.</summary>
    [Theory]
    [InlineData(NodeRole.Console, true)]
    [InlineData(NodeRole.Console, false)]
    [InlineData(NodeRole.Engine, true)]
    [InlineData(NodeRole.Engine, false)]
    public void Who_is_thrown_out_while_it_pairs_is_not_paired(NodeRole peer, bool known)
    {
        PairingNode node = Other(peer);
        PairedPeer thrownOut = Peer(peer, 'a') with { SecretId = node.Secret().SecretId };
        if (known)
        {
            node.Ledger.Record(thrownOut);
        }

        node.Calling = member =>
        {
            if (member is nameof(IConsoleStore.UpdateEngine) or nameof(IEngineStore.PutConsole))
            {
                node.Calling = static _ => { };
                node.Store.ExpelKeys(thrownOut.PeerNodeId, [thrownOut.PeerFingerprint], _time.GetUtcNow());
                node.Console?.RemoveEngine(thrownOut.PairingId);
                node.Engine?.UpdateConsole(
                    thrownOut.PairingId, console => console with { State = ConsoleState.Denied });
            }
        };

        Assert.Equal(
            FaultCode.SecretRevoked, Assert.Throws<ScanEngineException>(() => node.Ledger.Record(thrownOut)).Code);
        Assert.Empty(node.Console?.ListEngines() ?? []);
        Assert.DoesNotContain(node.Engine?.ListConsoles() ?? [], console => console.State != ConsoleState.Denied);
        node.Ledger.Record(thrownOut with { SecretId = node.Secret().SecretId });
        Assert.Equal(thrownOut.PairingId, Assert.Single(node.Pairings()));
    }

    [Fact]
    public void A_stranger_who_asks_costs_no_list_of_all_engines()
    {
        _console.Ledger.Record(Peer(NodeRole.Engine, 'a'));
        _console.Calling = static member => Assert.NotEqual(nameof(IConsoleStore.ListEngines), member);

        _console.Ledger.Ask(Peer(NodeRole.Engine, 'b') with { EngineName = "other" });
    }

    [Fact]
    public void A_console_cannot_take_another_consoles_pairing_by_naming_its_number()
    {
        PairedPeer first = Peer(NodeRole.Console, 'a');
        _engine.Ledger.Record(first);
        PairedPeer taker = Peer(NodeRole.Console, 'b') with { PairingId = first.PairingId, Repair = true };

        Assert.Equal(
            FaultCode.IdentityConflict, Assert.Throws<ScanEngineException>(() => _engine.Ledger.Record(taker)).Code);
        Assert.Equal(Key('a'), Assert.Single(_engine.Engine!.GetConsole(first.PairingId)!.Pins));
    }

    [Fact]
    public void A_console_that_names_a_number_that_is_taken_keeps_the_approval_it_had()
    {
        PairedPeer denied = Peer(NodeRole.Console, 'b');
        PairedPeer asking = Peer(NodeRole.Console, 'a');
        foreach ((PairedPeer peer, ConsoleState state) in new[]
        {
            (denied, ConsoleState.Denied), (asking, ConsoleState.Approved),
        })
        {
            _engine.Engine!.AddConsole(new ConsoleRecord
            {
                PairingId = peer.PairingId,
                ConsoleId = peer.PeerNodeId,
                State = state,
                Direction = CommunicationDirection.ConsoleToEngine,
                Pins = [peer.PeerFingerprint],
                FirstSeen = _time.GetUtcNow(),
            });
        }

        Assert.Equal(FaultCode.IdentityConflict, Assert.Throws<ScanEngineException>(
            () => _engine.Ledger.Ask(asking with { PairingId = denied.PairingId })).Code);

        Assert.Equal(ConsoleState.Approved, _engine.Engine!.GetConsole(asking.PairingId)?.State);
        Assert.Equal(ConsoleState.Denied, _engine.Engine.GetConsole(denied.PairingId)?.State);
    }

    [Fact]
    public void A_name_belongs_to_one_engine_and_one_that_an_admin_reserved_waits_for_a_secret_bound_to_it()
    {
        _console.Console!.AddEngine(new EngineRecord
        {
            PairingId = Guid.NewGuid(),
            Name = "Lab",
            Address = "lab.example",
            Direction = CommunicationDirection.ConsoleToEngine,
            State = EngineState.Registered,
            Registered = _time.GetUtcNow(),
        });
        PairedPeer engine = Peer(NodeRole.Engine, 'a');
        PairedPeer numbered = engine with
        {
            PairingId = _console.Ledger.Number(engine.PeerNodeId, engine.PeerFingerprint, "lab")!.Value.PairingId,
        };

        Assert.Equal(
            FaultCode.EngineNameInUse, Assert.Throws<ScanEngineException>(() => _console.Ledger.Record(numbered)).Code);
        _console.Ledger.Record(numbered with { Repair = true });

        EngineRecord recorded = Assert.Single(_console.Console.ListEngines());
        Assert.Equal((EngineState.Paired, "lab.example"), (recorded.State, recorded.Address));
    }

    [Fact]
    public void Pairing_anew_keeps_the_number_and_begins_a_new_epoch()
    {
        PairedPeer engine = Peer(NodeRole.Engine, 'a');
        _console.Ledger.Record(engine with { Epoch = 4 });

        Assert.Equal(
            (engine.PairingId, 5), _console.Ledger.Number(engine.PeerNodeId, engine.PeerFingerprint, "lab"));
        Assert.Equal((engine.PairingId, 5), _console.Ledger.Number(null, engine.PeerFingerprint, "another"));
        Assert.NotEqual(
            engine.PairingId, _console.Ledger.Number(Guid.NewGuid(), Key('b'), "lab")!.Value.PairingId);
    }

    [Fact]
    public void A_console_that_lost_its_store_pairs_anew_in_place_of_its_former_pairing()
    {
        PairedPeer console = Peer(NodeRole.Console, 'a');
        _engine.Ledger.Record(console);
        var number = Guid.NewGuid();

        _engine.Ledger.Record(console with { PairingId = number });

        Assert.Equal(number, Assert.Single(_engine.Pairings()));
    }

    [Fact]
    public void Unknown_nodes_that_ask_are_capped_and_the_newest_stay()
    {
        PairedPeer last = Peer(NodeRole.Console, 'a');
        for (int i = 0; i < 20; i++)
        {
            last = Peer(NodeRole.Console, 'a') with
            {
                PeerFingerprint = Fingerprint.Parse($"{i:x64}"),
                ObservedAddress = System.Net.IPAddress.Loopback,
            };
            _engine.Ledger.Ask(last);
        }

        Assert.InRange(_engine.Pairings().Length, 1, 10);
        Assert.Contains(last.PairingId, _engine.Pairings());
        Assert.All(_engine.Engine!.ListConsoles(), console => Assert.Equal(ConsoleState.Pending, console.State));
    }

    /// <summary>8 of one address, 256 in all, the last ones of each.</summary>
    [Theory]
    [InlineData(NodeRole.Console, false, 8)]
    [InlineData(NodeRole.Engine, false, 8)]
    [InlineData(NodeRole.Console, true, 256)]
    [InlineData(NodeRole.Engine, true, 256)]
    public void So_many_strangers_wait_and_no_more(NodeRole peer, bool fromEverywhere, int most)
    {
        PairingNode node = Other(peer);
        PairedPeer last = Peer(peer, 'a');
        for (int i = 0; i < 300; i++)
        {
            last = Peer(peer, 'a') with
            {
                PeerFingerprint = Fingerprint.Parse($"{i:x64}"),
                EngineName = $"lab-{i}",
                ObservedAddress = fromEverywhere ? new System.Net.IPAddress([10, (byte)i, (byte)(i >> 8), 1]) : System.Net.IPAddress.Loopback,
            };
            node.Ledger.Ask(last);
        }

        Assert.Equal(most, node.Pairings().Length);
        Assert.Contains(last.PairingId, node.Pairings());
    }

    private PairingNode Other(NodeRole peer) => peer == NodeRole.Console ? _engine : _console;
}
