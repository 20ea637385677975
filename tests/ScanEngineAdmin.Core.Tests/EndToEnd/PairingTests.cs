using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Pairing;
using ScanEngineAdmin.Core.Tests.Nodes;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Pairing;
using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Core.Tests.EndToEnd;

[Trait("Speed", "Slow")]
public sealed class PairingTests
{
    private const string Waits = "console's admin has still to approve";

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task Paired_by_secret_they_are_active_and_a_scan_brings_exactly_what_is_there(
        CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.StartAsync();
        await pair.PairAsync(way);

        EngineRecord active = await pair.ActiveAsync();

        Assert.Equal((EngineState.Paired, way, 0L), (active.State, active.Direction, active.Epoch));
        Assert.NotNull(active.LastContact);
        Assert.Equal(
            (ConsoleState.Paired, way, 0L), (pair.AtEngine.State, pair.AtEngine.Direction, pair.AtEngine.Epoch));
        Assert.Equal(pair.EngineNode!.Fingerprint, Assert.Single(active.Pins));
        Assert.Equal(pair.ConsoleNode!.Fingerprint, Assert.Single(pair.AtEngine.Pins));
        using var targets = new ScanTargets();
        await targets.RunAsync(pair);
        Assert.Equal(0, pair.On(Ways.Other(way)).Connections);
    }

    [Fact]
    public async Task A_registered_engine_is_active_when_both_sides_have_approved()
    {
        await using NodePair pair = await NodePair.StartAsync();
        pair.Is(pair.Console.RegisterEngine(
            NodePair.Name, pair.ToEngine.Host, pair.ToEngine.EndPoint.Port, null).PairingId);

        EngineRecord met = await pair.UntilConsoleAsync(now => !now.ObservedFingerprint.IsEmpty
            && now.StatusDetail.Contains($"{pair.EngineNode!.Fingerprint}", StringComparison.Ordinal));
        Assert.Equal((EngineState.Registered, CommunicationStatus.PendingAuthorization), (met.State, met.Status));
        Assert.Contains("admin has still to approve this console", met.StatusDetail, StringComparison.Ordinal);
        ConsoleRecord pending = Assert.Single(pair.Engine.Store.ListConsoles());
        Assert.Equal(
            (ConsoleState.Pending, pair.ConsoleNode!.Fingerprint), (pending.State, Assert.Single(pending.Pins)));
        Assert.Equal(
            FaultCode.FingerprintMismatch,
            Assert.Throws<ScanEngineException>(
                () => pair.Engine.ApproveConsole(pair.PairingId, pair.EngineNode!.Fingerprint)).Code);

        pair.Engine.ApproveConsole(pair.PairingId, pair.ConsoleNode.Fingerprint);
        await pair.UntilConsoleAsync(now => now.ApprovedByEngine
            && now.StatusDetail.Contains("run Approve-ScanEngine", StringComparison.Ordinal));
        Assert.Equal(EngineState.Registered, pair.AtConsole.State);

        pair.Console.ApproveEngine(pair.PairingId, pair.EngineNode!.Fingerprint);
        await pair.ActiveAsync();
        await pair.UntilEngineAsync(now => now.State == ConsoleState.Paired);
        using var targets = new ScanTargets();
        await targets.RunAsync(pair);
    }

    [Fact]
    public async Task An_engine_that_polls_unasked_is_active_when_both_sides_have_approved()
    {
        await using NodePair pair = await NodePair.StartAsync();
        Guid place = pair.Engine.RegisterConsole(
            pair.ToConsole.Host, pair.ToConsole.EndPoint.Port, NodePair.Name, TimeSpan.FromSeconds(1)).PairingId;

        ConsoleRecord asked = (await pair.UntilEngineStoreAsync(
            pair.Engine.Store.ListConsoles,
            all => all is [{ Pins.Count: 1, LastError: { } last }] && last.Contains(Waits, StringComparison.Ordinal)))[0];
        pair.Is(asked.PairingId);
        Assert.NotEqual(place, asked.PairingId);
        Assert.Equal((ConsoleState.Pending, pair.ConsoleNode!.Fingerprint), (asked.State, Assert.Single(asked.Pins)));
        EngineRecord pending = Assert.Single(pair.Console.Store.ListEngines());
        Assert.Equal(
            (EngineState.Pending, CommunicationStatus.PendingAuthorization, "engine identity not confirmed"),
            (pending.State, pending.Status, pending.StatusDetail));

        pair.Console.ApproveEngine(pair.PairingId, pair.EngineNode!.Fingerprint);
        pair.Engine.ApproveConsole(pair.PairingId, pair.ConsoleNode.Fingerprint);
        await pair.ActiveAsync();
        Assert.Equal(CommunicationDirection.EngineToConsole, pair.AtConsole.Direction);
        using var targets = new ScanTargets();
        await targets.RunAsync(pair);
    }

    [Fact]
    public async Task An_engine_that_is_approved_while_it_asks_tells_its_console_before_it_is_paired()
    {
        await using NodePair pair = await NodePair.StartAsync();
        pair.Engine.RegisterConsole(
            pair.ToConsole.Host, pair.ToConsole.EndPoint.Port, NodePair.Name, TimeSpan.FromSeconds(1));
        ConsoleRecord asked = (await pair.UntilEngineStoreAsync(
            pair.Engine.Store.ListConsoles,
            all => all is [{ Pins.Count: 1, LastError: { } last }] && last.Contains(Waits, StringComparison.Ordinal)))[0];
        pair.Is(asked.PairingId);
        WatchedStores stores = await pair.WatchAsync();
        pair.Console.ApproveEngine(pair.PairingId, pair.EngineNode!.Fingerprint);

        int updates = 0;
        stores.OnEngine = (member, _) =>
        {
            // It has asked without an approval of its own, and is about to write down what it was answered.
            if (member == nameof(IEngineStore.UpdateConsole) && Interlocked.Increment(ref updates) == 1)
            {
                pair.Engine.ApproveConsole(pair.PairingId, pair.ConsoleNode!.Fingerprint);
            }
        };

        await pair.ActiveAsync();
        Assert.Equal(EngineState.Paired, pair.AtConsole.State);
    }

    [Fact]
    public async Task An_engine_that_trusts_its_console_beforehand_waits_only_for_the_other_side()
    {
        await using NodePair pair = await NodePair.StartAsync();
        Guid place = pair.Engine.RegisterConsole(
            pair.ToConsole.Host, pair.ToConsole.EndPoint.Port, NodePair.Name, TimeSpan.FromSeconds(1)).PairingId;
        pair.Engine.ApproveConsole(place, pair.ConsoleNode!.Fingerprint);

        ConsoleRecord asked = (await pair.UntilEngineStoreAsync(
            pair.Engine.Store.ListConsoles, all => all is [{ ConsoleId: not null, State: ConsoleState.Approved }]))[0];
        pair.Is(asked.PairingId);
        pair.Console.ApproveEngine(pair.PairingId, pair.EngineNode!.Fingerprint);

        await pair.ActiveAsync();
    }

    [Theory]
    [InlineData(CommunicationDirection.ConsoleToEngine, FaultCode.SecretWrong)]
    [InlineData(CommunicationDirection.ConsoleToEngine, FaultCode.SecretRevoked)]
    [InlineData(CommunicationDirection.ConsoleToEngine, FaultCode.SecretExpired)]
    [InlineData(CommunicationDirection.ConsoleToEngine, FaultCode.SecretUsed)]
    [InlineData(CommunicationDirection.ConsoleToEngine, FaultCode.SecretBound)]
    [InlineData(CommunicationDirection.EngineToConsole, FaultCode.SecretWrong)]
    [InlineData(CommunicationDirection.EngineToConsole, FaultCode.SecretRevoked)]
    [InlineData(CommunicationDirection.EngineToConsole, FaultCode.SecretExpired)]
    [InlineData(CommunicationDirection.EngineToConsole, FaultCode.SecretUsed)]
    [InlineData(CommunicationDirection.EngineToConsole, FaultCode.SecretBound)]
    public async Task A_secret_that_does_not_hold_says_why_and_leaves_nothing_behind(
        CommunicationDirection way, FaultCode expected)
    {
        await using NodePair pair = await NodePair.StartAsync();
        bool byConsole = way == CommunicationDirection.EngineToConsole;
        PairingSecret secret = Make(pair, byConsole, expected);

        ScanEngineException refused = await Expect.FaultAsync(expected, () => byConsole
            ? pair.Engine.PairAsync(
                pair.ToConsole.Host,
                pair.ToConsole.EndPoint.Port,
                secret,
                NodePair.Name,
                TimeSpan.FromSeconds(1),
                CancellationToken.None)
            : pair.Console.RegisterEngineAsync(
                NodePair.Name, pair.ToEngine.Host, pair.ToEngine.EndPoint.Port, secret, CancellationToken.None));

        Assert.NotEmpty(refused.Recommendation);
        Assert.Empty(pair.Console.Store.ListEngines());
        Assert.Empty(pair.Engine.Store.ListConsoles());
    }

    private static PairingSecret Make(NodePair pair, bool byConsole, FaultCode flaw)
    {
        TimeSpan valid = flaw == FaultCode.SecretExpired ? TimeSpan.FromTicks(1) : TimeSpan.FromMinutes(5);
        string? bound = flaw == FaultCode.SecretBound ? "another" : null;
        (SecretRecord record, PairingSecret secret) = byConsole
            ? pair.Console.CreateSecret(valid, bound, singleUse: true)
            : pair.Engine.CreateSecret(valid, bound, singleUse: true);
        var other = Fingerprint.Parse(new string('a', 64));
        switch (flaw)
        {
            case FaultCode.SecretWrong:
                return PairingSecret.Create(secret.Maker);
            case FaultCode.SecretRevoked when byConsole:
                pair.Console.RevokeSecret(record.SecretId);
                break;
            case FaultCode.SecretRevoked:
                pair.Engine.RevokeSecret(record.SecretId);
                break;
            case FaultCode.SecretUsed when byConsole:
                pair.Console.Store.UseSecret(record.SecretId, other, Guid.NewGuid(), NodePair.Name, DateTimeOffset.UtcNow);
                break;
            case FaultCode.SecretUsed:
                pair.Engine.Store.UseSecret(record.SecretId, other, Guid.NewGuid(), NodePair.Name, DateTimeOffset.UtcNow);
                break;
        }

        return secret;
    }
}
