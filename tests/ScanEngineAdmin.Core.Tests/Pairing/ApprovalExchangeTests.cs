using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Pairing;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Pairing;

public sealed class ApprovalExchangeTests : IDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(3);
    private readonly PairingNode _console = new(NodeRole.Console, new ManualTime());
    private readonly PairingNode _engine = new(NodeRole.Engine, new ManualTime());
    private readonly Guid _pairingId = Guid.NewGuid();

    public void Dispose()
    {
        _console.Dispose();
        _engine.Dispose();
    }

    [Fact]
    public async Task An_engine_lists_an_unknown_console_and_pairs_when_both_admins_have_confirmed()
    {
        (PairedPeer engine, bool approved) = await ConsoleAsksAsync();
        Assert.False(approved);
        Assert.Equal(_engine.Self.NodeId, engine.PeerNodeId);
        Assert.Equal(_engine.Self.Fingerprint, engine.PeerFingerprint);
        ConsoleRecord pending = Assert.Single(_engine.Engine!.ListConsoles());
        Assert.Equal((ConsoleState.Pending, _pairingId), (pending.State, pending.PairingId));
        Assert.Equal(_console.Self.Fingerprint, Assert.Single(pending.Pins));
        Assert.Equal("192.0.2.7", pending.ObservedAddress);

        _engine.Engine.UpdateConsole(_pairingId, console => console with { State = ConsoleState.Approved });
        Assert.True((await ConsoleAsksAsync()).Approved);
        Assert.Equal(ConsoleState.Approved, _engine.Engine.GetConsole(_pairingId)!.State);

        Assert.True((await ConsoleAsksAsync(_engine.Self.Fingerprint)).Approved);
        Assert.Equal(ConsoleState.Paired, _engine.Engine.GetConsole(_pairingId)!.State);
    }

    [Fact]
    public async Task A_console_lists_an_unknown_engine_and_pairs_when_both_admins_have_confirmed()
    {
        Assert.False((await EngineAsksAsync()).Approved);
        EngineRecord pending = Assert.Single(_console.Console!.ListEngines());
        Assert.Equal(EngineState.Pending, pending.State);
        Assert.Equal(CommunicationStatus.PendingAuthorization, pending.Status);
        Assert.Equal(_engine.Self.Fingerprint, pending.ObservedFingerprint);
        Assert.Empty(pending.Pins);

        _console.Console.UpdateEngine(pending.PairingId, engine => engine with
        {
            State = EngineState.Registered,
            Pins = [_engine.Self.Fingerprint],
        });
        (PairedPeer console, bool approved) = await EngineAsksAsync();
        Assert.True(approved);
        Assert.Equal(pending.PairingId, console.PairingId);
        Assert.Equal(EngineState.Registered, Assert.Single(_console.Console.ListEngines()).State);

        Assert.True((await EngineAsksAsync(_console.Self.Fingerprint)).Approved);
        Assert.Equal(EngineState.Paired, Assert.Single(_console.Console.ListEngines()).State);
    }

    // Whoever is confirmed by name only would let the node in between be told that it is.
    [Fact]
    public async Task Only_the_identity_that_was_met_is_told_that_it_is_confirmed()
    {
        await EngineAsksAsync(Fingerprint.Parse(new string('e', 64)));

        Assert.False(Assert.Single(_console.Console!.ListEngines()).ApprovedByEngine);
    }

    [Fact]
    public async Task A_denied_console_is_told_so_and_not_listed_again()
    {
        await ConsoleAsksAsync();
        _engine.Engine!.UpdateConsole(_pairingId, console => console with { State = ConsoleState.Denied });

        ChannelException fault = await Assert.ThrowsAsync<ChannelException>(() => ConsoleAsksAsync());

        Assert.Equal(RefusalCode.Denied, fault.Refusal!.Code);
        Assert.Equal(ConsoleState.Denied, Assert.Single(_engine.Engine.ListConsoles()).State);
    }

    [Fact]
    public async Task An_approved_console_that_numbers_the_pairing_anew_stays_approved()
    {
        await ConsoleAsksAsync();
        _engine.Engine!.UpdateConsole(_pairingId, console => console with { State = ConsoleState.Approved });
        var anew = Guid.NewGuid();

        (PairedPeer engine, bool approved) = await AskAsync(_console, _engine, anew);

        Assert.True(approved);
        Assert.Equal(anew, engine.PairingId);
        Assert.Equal(anew, Assert.Single(_engine.Pairings()));
    }

    private Task<(PairedPeer Peer, bool Approved)> ConsoleAsksAsync(params Fingerprint[] confirmed) =>
        AskAsync(_console, _engine, _pairingId, confirmed);

    private Task<(PairedPeer Peer, bool Approved)> EngineAsksAsync(params Fingerprint[] confirmed) =>
        AskAsync(_engine, _console, null, confirmed);

    private static async Task<(PairedPeer Peer, bool Approved)> AskAsync(
        PairingNode user, PairingNode maker, Guid? pairingId, params Fingerprint[] confirmed)
    {
        var pair = new MessagePair(user.Self.Fingerprint, maker.Self.Fingerprint);
        Task<PairingVerdict> verdict = maker.Acceptor.AcceptAsync(pair.Maker, CancellationToken.None);
        (PairedPeer Peer, bool Approved) answer = await new ApprovalUser(user.Self).AskAsync(
            pair.User, "lab", pairingId, confirmed, new DialTarget("192.0.2.1", 1, []),
            CancellationToken.None).WaitAsync(Bound);
        Assert.Equal(answer.Approved, (await verdict.WaitAsync(Bound)).Approved);
        return answer;
    }
}
