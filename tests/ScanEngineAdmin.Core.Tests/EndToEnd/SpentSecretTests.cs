using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Certificates;
using ScanEngineAdmin.Core.Pairing;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Pairing;
using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Core.Tests.EndToEnd;

/// <summary>A secret that is spent is spent, and who was thrown out stays out; whichever side made it.</summary>
[Trait("Speed", "Slow")]
public sealed class SpentSecretTests
{
    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task Who_was_met_on_a_channel_cannot_pair_again_by_the_secret_it_used(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.StartAsync();
        PairingSecret secret = Make(pair, way, NodePair.Name);
        pair.Is(await UseAsync(pair, way, secret));
        await pair.OpenedAsync();

        Assert.Equal(FaultCode.SecretUsed, await RefusedAsync(pair, way, secret));

        Assert.Equal(CommunicationStatus.Active, (await pair.ActiveAsync()).Status);
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task Who_was_thrown_out_is_not_let_in_by_any_secret_that_was_there_then(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.StartAsync();
        PairingSecret used = Make(pair, way, null);
        PairingSecret known = Make(pair, way, null);
        pair.Is(await UseAsync(pair, way, used));
        await pair.ActiveAsync();

        ThrowOut(pair, way);

        Assert.Equal(FaultCode.SecretRevoked, await RefusedAsync(pair, way, used));
        Assert.Equal(FaultCode.SecretRevoked, await RefusedAsync(pair, way, known));
        Assert.Equal(FaultCode.SecretRevoked, await RefusedAsync(pair, way, used, "another"));
        string thrownOut = way == CommunicationDirection.EngineToConsole ? "EngineUnregistered" : "ConsoleDenied";
        Trail events = Events(pair, way);
        Assert.Contains($"{used.SecretId:D}", events.Of(thrownOut).Detail, StringComparison.Ordinal);

        pair.Is(await UseAsync(pair, way, Make(pair, way, null)));
        await pair.ActiveAsync();
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_secret_that_is_used_up_tells_its_maker_who_came_too_late(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.StartAsync();
        PairingSecret secret = Make(pair, way, null, maxUses: 1);
        var first = Fingerprint.Parse(new string('a', 64));
        _ = way == CommunicationDirection.EngineToConsole
            ? pair.Console.Store.UseSecret(secret.SecretId, first, Guid.NewGuid(), "first", DateTimeOffset.UtcNow)
            : pair.Engine.Store.UseSecret(secret.SecretId, first, Guid.NewGuid(), "first", DateTimeOffset.UtcNow);

        Assert.Equal(FaultCode.SecretUsed, await RefusedAsync(pair, way, secret));
        Assert.Equal(FaultCode.SecretUsed, await RefusedAsync(pair, way, secret));

        AuditEvent told = Events(pair, way).Of("SecretOverused");
        Assert.Contains($"{secret.SecretId:D}, for 1 at most", told.Detail, StringComparison.Ordinal);
        SecretRecord record = Events(pair, way).Secret(secret.SecretId);
        Assert.Equal((1, 1, 2), (record.MaxUses, record.Uses, record.Refused));
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task An_engine_that_lost_its_disk_comes_back_under_its_name_and_keeps_its_scans(
        CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        using var targets = new ScanTargets();
        await targets.RunAsync(pair);
        EngineRecord before = pair.AtConsole;
        int scans = pair.Console.Store.ListScans().Count;

        await using NodePair rebuilt = await NodePair.StartAsync();
        Fingerprint key = rebuilt.EngineNode!.Fingerprint;
        EngineRecord after;
        if (way == CommunicationDirection.EngineToConsole)
        {
            ScanEngineException unbound = await Expect.FaultAsync(FaultCode.EngineNameInUse, () => rebuilt.Engine.PairAsync(
                pair.ToConsole.Host, pair.ToConsole.EndPoint.Port, Make(pair, way, null), NodePair.Name,
                TimeSpan.FromSeconds(1), CancellationToken.None));
            Assert.Contains("bound to the name", unbound.Recommendation, StringComparison.Ordinal);

            await rebuilt.Engine.PairAsync(
                pair.ToConsole.Host, pair.ToConsole.EndPoint.Port, Make(pair, way, NodePair.Name), NodePair.Name,
                TimeSpan.FromSeconds(1), CancellationToken.None);
        }
        else
        {
            PairingSecret secret = rebuilt.Engine.CreateSecret(TimeSpan.FromMinutes(5), null, singleUse: true).Secret;
            await Expect.FaultAsync(
                FaultCode.EngineNameInUse,
                () => pair.Console.RegisterEngineAsync(
                    NodePair.Name, rebuilt.ToEngine.Host, rebuilt.ToEngine.EndPoint.Port, secret,
                    CancellationToken.None));

            await pair.Console.RegisterEngineAsync(
                NodePair.Name, rebuilt.ToEngine.Host, rebuilt.ToEngine.EndPoint.Port, secret, CancellationToken.None,
                replace: true);
        }

        after = await pair.UntilConsoleAsync(
            now => now.Pins.Contains(key) && now.Status == CommunicationStatus.Active);
        Assert.Equal((before.PairingId, before.Name), (after.PairingId, after.Name));
        Assert.NotEqual(before.EngineId, after.EngineId);
        Assert.Equal([key], after.Pins);
        Assert.Equal(scans, pair.Console.Store.ListScans().Count);
        await targets.RunAsync(pair);

        // The disk turns up again: its key opens nothing, and no secret that was there then helps it.
        await using var old = new ChannelProbe(pair);
        Assert.Equal(RefusalCode.Revoked, await old.RefusedAsync());
    }

    private static PairingSecret Make(NodePair pair, CommunicationDirection way, string? bound, int? maxUses = null) =>
        way == CommunicationDirection.EngineToConsole
            ? pair.Console.CreateSecret(TimeSpan.FromMinutes(5), bound, singleUse: false, maxUses).Secret
            : pair.Engine.CreateSecret(TimeSpan.FromMinutes(5), bound, singleUse: false, maxUses).Secret;

    private static async Task<Guid> UseAsync(
        NodePair pair, CommunicationDirection way, PairingSecret secret, string name = NodePair.Name) =>
        way == CommunicationDirection.EngineToConsole
            ? (await pair.Engine.PairAsync(
                pair.ToConsole.Host, pair.ToConsole.EndPoint.Port, secret, name, TimeSpan.FromSeconds(1),
                CancellationToken.None)).PairingId
            : (await pair.Console.RegisterEngineAsync(
                name, pair.ToEngine.Host, pair.ToEngine.EndPoint.Port, secret, CancellationToken.None)).PairingId;

    private static async Task<FaultCode> RefusedAsync(
        NodePair pair, CommunicationDirection way, PairingSecret secret, string name = NodePair.Name) =>
        (await Assert.ThrowsAsync<ScanEngineException>(() => UseAsync(pair, way, secret, name))).Code;

    // By the side that made the secret.
    private static void ThrowOut(NodePair pair, CommunicationDirection way)
    {
        if (way == CommunicationDirection.EngineToConsole)
        {
            pair.Console.UnregisterEngine(pair.PairingId);
        }
        else
        {
            pair.Engine.DenyConsole(pair.PairingId);
        }
    }

    private static Trail Events(NodePair pair, CommunicationDirection way) => new(
        way == CommunicationDirection.EngineToConsole ? pair.Console.Store : pair.Engine.Store);

    private sealed class Trail(INodeStore store)
    {
        public AuditEvent Of(string name) => Assert.Single(store.ListEvents(1000), one => one.Event == name);

        public SecretRecord Secret(Guid id) => store.GetSecret(id)!;
    }

    /// <summary>Dials the console with the engine's old key, as its old host would.</summary>
    private sealed class ChannelProbe(NodePair pair) : IAsyncDisposable
    {
        private readonly ChannelRuntime _runtime = new(NodePair.Patient);

        public async Task<RefusalCode?> RefusedAsync()
        {
            (Guid id, NodeIdentity key) = IdentityFile.LoadOrCreate(pair.EngineFolder.Engine, TimeProvider.System);
            using (key)
            {
                var hello = new PeerHello { Role = NodeRole.Engine, NodeId = id, Name = "old", Product = "1" };
                var target = new DialTarget(
                    pair.ToConsole.Host, pair.ToConsole.EndPoint.Port, [pair.ConsoleNode!.Fingerprint]);
                var dialer = new ChannelDialer(key, _runtime);
                ChannelException fault = await Assert.ThrowsAsync<ChannelException>(
                    () => dialer.OpenChannelAsync(target, hello, new Silent(), CancellationToken.None));
                return fault.Refusal?.Code;
            }
        }

        public ValueTask DisposeAsync()
        {
            _runtime.Dispose();
            return ValueTask.CompletedTask;
        }
    }

    private sealed class Silent : IPeerHandler
    {
        public ValueTask<ReadOnlyMemory<byte>> OnRequestAsync(
            PeerChannel channel, ushort method, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
            throw new PeerRequestException(1, "no");

        public Task OnStreamAsync(PeerChannel channel, ChannelStream stream, CancellationToken cancellationToken) =>
            Task.CompletedTask;
    }
}
