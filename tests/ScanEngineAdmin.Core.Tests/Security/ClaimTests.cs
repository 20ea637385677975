using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Pairing;
using ScanEngineAdmin.Core.Tests.Pairing;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Tests.Shared;
using static ScanEngineAdmin.Core.Tests.Pairing.Peers;

namespace ScanEngineAdmin.Core.Tests.Security;

/// <summary>What a stranger who only asks can do to what an admin sees: nothing.</summary>
public sealed class ClaimTests : IDisposable
{
    private readonly ManualTime _time = new();
    private readonly PairingNode _console;
    private readonly PairingNode _engine;

    public ClaimTests()
    {
        _console = new PairingNode(NodeRole.Console, _time);
        _engine = new PairingNode(NodeRole.Engine, _time);
    }

    public void Dispose()
    {
        _console.Dispose();
        _engine.Dispose();
    }

    [Fact]
    public void The_fingerprint_that_an_admin_compares_does_not_change_because_another_key_claims_the_same_id()
    {
        PairedPeer honest = Peer(NodeRole.Engine, 'a');
        PairedPeer stranger = honest with { PeerFingerprint = Key('b'), PairingId = Guid.NewGuid() };
        _console.Ledger.Ask(honest);

        Assert.Equal(
            FaultCode.IdentityConflict, Assert.Throws<ScanEngineException>(() => _console.Ledger.Ask(stranger)).Code);
        _console.Ledger.Ask(honest);
        Assert.Equal(Key('a'), Assert.Single(_console.Console!.ListEngines()).ObservedFingerprint);
    }

    [Fact]
    public void A_name_that_was_only_claimed_goes_to_the_engine_that_proves_a_secret()
    {
        _console.Ledger.Ask(Peer(NodeRole.Engine, 'b'));
        PairedPeer honest = Peer(NodeRole.Engine, 'a') with { Proved = true };
        _console.Ledger.Record(honest);

        EngineRecord only = Assert.Single(_console.Console!.ListEngines());
        Assert.Equal((EngineState.Paired, honest.PairingId), (only.State, only.PairingId));
        Assert.Equal(Key('a'), Assert.Single(only.Pins));
    }

    [Fact]
    public void A_name_that_was_only_claimed_keeps_nobody_from_being_listed_and_approved()
    {
        PairedPeer stranger = Peer(NodeRole.Engine, 'b');
        PairedPeer honest = Peer(NodeRole.Engine, 'a');
        _console.Ledger.Ask(stranger);
        Guid listed = _console.Ledger.Ask(honest).PairingId;
        Assert.Equal(listed, _console.Ledger.Ask(honest).PairingId);
        _console.Ledger.Ask(stranger);

        Assert.Equal(
            [("lab", Key('b')), ("lab-aaaaaaaa", Key('a'))],
            _console.Console!.ListEngines().Select(engine => (engine.Name, engine.ObservedFingerprint)).Order());
        _console.Console.UpdateEngine(listed, engine => engine with
        {
            Pins = [Key('a')],
            State = EngineState.Registered,
        });
        Assert.True(_console.Ledger.Ask(honest with { ConfirmedByPeer = true }).Approved);
        Assert.Equal(
            (EngineState.Paired, "lab-aaaaaaaa"),
            (_console.Console.GetEngine(listed)!.State, _console.Console.GetEngine(listed)!.Name));
    }

    [Fact]
    public void A_name_that_is_confirmed_or_registered_by_an_admin_is_not_shared()
    {
        _console.Ledger.Record(Peer(NodeRole.Engine, 'b') with { Proved = true });

        Assert.Equal(
            FaultCode.EngineNameInUse,
            Assert.Throws<ScanEngineException>(() => _console.Ledger.Ask(Peer(NodeRole.Engine, 'a'))).Code);
    }

    [Theory]
    [InlineData(60)]
    [InlineData(64)]
    public void A_long_name_that_is_claimed_twice_stays_a_name(int length)
    {
        string name = new('n', length);
        _console.Ledger.Ask(Peer(NodeRole.Engine, 'b') with { EngineName = name });
        _console.Ledger.Ask(Peer(NodeRole.Engine, 'a') with { EngineName = name });

        Assert.Equal(2, _console.Console!.ListEngines().Count);
        Assert.All(_console.Console.ListEngines(), engine => Assert.Null(EngineName.Flaw(engine.Name)));
    }

    [Fact]
    public void Consoles_that_claim_one_id_are_listed_each_with_its_own_key_and_the_approved_one_gets_the_id()
    {
        PairedPeer stranger = Peer(NodeRole.Console, 'b');
        PairedPeer honest = stranger with { PeerFingerprint = Key('a'), PairingId = Guid.NewGuid() };
        _engine.Ledger.Ask(stranger);
        _engine.Ledger.Ask(honest);
        _engine.Ledger.Ask(stranger);
        Assert.Equal(2, _engine.Engine!.ListConsoles().Count);
        Assert.Equal(Key('a'), Assert.Single(_engine.Engine.GetConsole(honest.PairingId)!.Pins));

        _engine.Engine.UpdateConsole(honest.PairingId, console => console with { State = ConsoleState.Approved });
        Assert.True(_engine.Ledger.Ask(honest).Approved);
        Assert.Equal(honest.PeerNodeId, _engine.Engine.GetConsole(honest.PairingId)!.ConsoleId);
        Assert.Null(_engine.Engine.GetConsole(stranger.PairingId)!.ConsoleId);
        Assert.Equal(
            FaultCode.IdentityConflict, Assert.Throws<ScanEngineException>(() => _engine.Ledger.Ask(stranger)).Code);
    }

    [Fact]
    public void A_denial_is_not_undone_by_another_key_with_the_same_id()
    {
        PairedPeer denied = Peer(NodeRole.Console, 'a');
        _engine.Ledger.Ask(denied);
        _engine.Engine!.UpdateConsole(denied.PairingId, console => console with { State = ConsoleState.Denied });
        _engine.Ledger.Ask(denied with { PeerFingerprint = Key('b'), PairingId = Guid.NewGuid() });

        Assert.Equal(ConsoleState.Denied, _engine.Engine.GetConsole(denied.PairingId)!.State);
        Assert.Equal(
            FaultCode.PairingDenied, Assert.Throws<ScanEngineException>(() => _engine.Ledger.Ask(denied)).Code);
    }

    [Theory]
    [InlineData("..")]
    [InlineData(". .")]
    [InlineData("../x")]
    [InlineData("a\u202eb")]
    [InlineData("a\nb")]
    public void A_name_is_no_path_and_writes_on_no_terminal(string name) => Assert.NotNull(EngineName.Flaw(name));
}
