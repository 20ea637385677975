using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Pairing;
using ScanEngineAdmin.Core.Tests.EndToEnd;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Pairing;

namespace ScanEngineAdmin.Core.Tests.Admin;

/// <summary>The admins' pairing over real connections, each way.</summary>
public sealed class SecretPairingTests : IAsyncDisposable
{
    private readonly AdminHost _there = new();
    private readonly AdminHost _here = new();
    private readonly ChannelRuntime _runtime = new(NodePair.Patient);
    private readonly ChannelListener _console;
    private readonly ChannelListener _engine;

    public SecretPairingTests()
    {
        _console = _there.Accept(NodeRole.Console, _runtime);
        _engine = _there.Accept(NodeRole.Engine, _runtime);
    }

    public async ValueTask DisposeAsync()
    {
        await _console.DisposeAsync();
        await _engine.DisposeAsync();
        _runtime.Dispose();
        _here.Dispose();
        _there.Dispose();
    }

    [Fact]
    public async Task An_engine_dials_its_console_and_both_know_each_other()
    {
        (SecretRecord record, PairingSecret secret) = _there.Console.CreateSecret(TimeSpan.FromHours(1), null, false);

        ConsoleRecord console = await PairAsync(secret);

        EngineRecord engine = _there.Console.Store.FindEngine("lab")!;
        Assert.Equal(engine.PairingId, console.PairingId);
        Assert.Equal((ConsoleState.Paired, EngineState.Paired), (console.State, engine.State));
        Assert.Equal(
            (CommunicationDirection.EngineToConsole, CommunicationDirection.EngineToConsole),
            (console.Direction, engine.Direction));
        Assert.Equal(("127.0.0.1", _console.EndPoint.Port), (console.Address, console.Port));
        Assert.Equal("127.0.0.1", engine.ObservedAddress);
        Assert.Equal(TimeSpan.FromSeconds(9), console.PollInterval);
        Assert.Equal(_here.Engine.Describe().Fingerprint, Assert.Single(engine.Pins));
        Assert.Equal(_there.Console.Describe().Fingerprint, Assert.Single(console.Pins));
        Assert.Equal(1, _there.Console.Store.GetSecret(record.SecretId)!.Uses);
    }

    [Fact]
    public async Task A_console_dials_its_engine_and_both_know_each_other()
    {
        (_, PairingSecret secret) = _there.Engine.CreateSecret(TimeSpan.FromHours(1), "lab", true);

        EngineRecord engine = await _here.Console.RegisterEngineAsync(
            "lab", "127.0.0.1", _engine.EndPoint.Port, secret, CancellationToken.None).WaitAsync(AdminHost.Bound);

        ConsoleRecord console = Assert.Single(_there.Engine.Store.ListConsoles());
        Assert.Equal(console.PairingId, engine.PairingId);
        Assert.Equal((ConsoleState.Paired, EngineState.Paired), (console.State, engine.State));
        Assert.Equal(CommunicationDirection.ConsoleToEngine, console.Direction);
        Assert.Equal(("127.0.0.1", _engine.EndPoint.Port), (engine.Address, engine.Port));
    }

    [Fact]
    public async Task A_revoked_secret_is_refused_with_its_own_name()
    {
        (SecretRecord record, PairingSecret secret) = _there.Console.CreateSecret(TimeSpan.FromHours(1), null, false);
        _there.Console.RevokeSecret(record.SecretId);

        ScanEngineException fault = await Assert.ThrowsAsync<ScanEngineException>(() => PairAsync(secret));

        Assert.Equal(FaultCode.SecretRevoked, fault.Code);
        Assert.Empty(_here.Engine.Store.ListConsoles());
    }

    [Fact]
    public async Task A_secret_of_another_node_is_refused_at_its_certificate()
    {
        (_, PairingSecret secret) = _here.Console.CreateSecret(TimeSpan.FromHours(1), null, false);

        Assert.Equal(
            FaultCode.PeerNotTrusted, (await Assert.ThrowsAsync<ScanEngineException>(() => PairAsync(secret))).Code);
    }

    [Fact]
    public async Task A_role_that_does_not_fit_is_refused()
    {
        (_, PairingSecret secret) = _there.Engine.CreateSecret(TimeSpan.FromHours(1), null, false);

        ScanEngineException fault = await Assert.ThrowsAsync<ScanEngineException>(() => _here.Engine.PairAsync(
            "127.0.0.1", _engine.EndPoint.Port, secret, "lab", TimeSpan.FromSeconds(9), CancellationToken.None)
            .WaitAsync(AdminHost.Bound));

        Assert.Equal(FaultCode.WrongRole, fault.Code);
    }

    private Task<ConsoleRecord> PairAsync(PairingSecret secret) => _here.Engine.PairAsync(
        "127.0.0.1", _console.EndPoint.Port, secret, "lab", TimeSpan.FromSeconds(9), CancellationToken.None)
        .WaitAsync(AdminHost.Bound);
}
