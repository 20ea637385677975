using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Core.Certificates;
using ScanEngineAdmin.Core.Pairing;
using ScanEngineAdmin.Core.Tests.EndToEnd;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Storage;

namespace ScanEngineAdmin.Core.Tests.Hosts;

/// <summary>
/// Two hosts whose clocks have been wrong from the first start on, one by years ahead and one by years behind: to
/// either the other's certificate is out of its dates. They pair, and scan, all the same.
/// </summary>
[Trait("Speed", "Slow")]
public sealed class WrongClockTests
{
    private static readonly TimeSpan Years = TimeSpan.FromDays(12 * 365);

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task Clocks_that_are_wrong_by_years_only_warn(CommunicationDirection way)
    {
        var behind = new LeapTime();
        var ahead = new LeapTime();
        behind.Jump(-Years);
        ahead.Jump(Years);
        await using NodePair pair = await NodePair.StartAsync(
            console => console with { Channel = console.Channel with { Time = behind } },
            engine => engine with { Channel = engine.Channel with { Time = ahead } });
        using ConsoleAdmin console = ConsoleAdmin.Open(pair.ConsoleFolder, new SqliteStoreProvider(), behind);
        using EngineAdmin engine = EngineAdmin.Open(pair.EngineFolder, new SqliteStoreProvider(), ahead);
        OutOfItsDates(pair.ConsoleFolder.Console, ahead);
        OutOfItsDates(pair.EngineFolder.Engine, behind);

        Guid pairing = way == CommunicationDirection.ConsoleToEngine
            ? (await console.RegisterEngineAsync(
                NodePair.Name, pair.ToEngine.Host, pair.ToEngine.EndPoint.Port,
                engine.CreateSecret(TimeSpan.FromMinutes(5), NodePair.Name, singleUse: true).Secret,
                CancellationToken.None)).PairingId
            : (await engine.PairAsync(
                pair.ToConsole.Host, pair.ToConsole.EndPoint.Port,
                console.CreateSecret(TimeSpan.FromMinutes(5), NodePair.Name, singleUse: true).Secret,
                NodePair.Name, TimeSpan.FromSeconds(1), CancellationToken.None)).PairingId;
        pair.Is(pairing);
        await pair.ActiveAsync();
        using var targets = new ScanTargets();
        ScanRecord done = await targets.CompletedAsync(
            pair,
            console.Scans.Add(
                pairing, targets.Lasting(2), new ScanTerms { Deadline = behind.GetUtcNow() + TimeSpan.FromHours(1) }));

        Assert.Equal(1, done.Attempt);
        Assert.DoesNotContain(pair.Log, entry => entry.Event is "StoreFault" or "ScanInterrupted" or "ChannelClosed");
        Assert.Equal(CommunicationStatus.Active, pair.AtConsole.Status);
    }

    /// <summary>A secret that was made by a session whose clock is ahead of the node's is not taken.</summary>
    [Theory]
    [InlineData(NodeRole.Console)]
    [InlineData(NodeRole.Engine)]
    public async Task A_secret_from_the_future_is_refused_as_expired_and_names_the_clock(NodeRole maker)
    {
        var ahead = new LeapTime();
        ahead.Jump(TimeSpan.FromHours(1));
        await using NodePair pair = await NodePair.StartAsync();
        using ConsoleAdmin console = ConsoleAdmin.Open(pair.ConsoleFolder, new SqliteStoreProvider(), ahead);
        using EngineAdmin engine = EngineAdmin.Open(pair.EngineFolder, new SqliteStoreProvider(), ahead);
        PairingSecret secret = maker == NodeRole.Console
            ? console.CreateSecret(TimeSpan.FromHours(1), null, singleUse: true).Secret
            : engine.CreateSecret(TimeSpan.FromHours(1), null, singleUse: true).Secret;

        ScanEngineException refused = await Assert.ThrowsAsync<ScanEngineException>(() => maker == NodeRole.Console
            ? pair.Engine.PairAsync(
                pair.ToConsole.Host, pair.ToConsole.EndPoint.Port, secret, NodePair.Name, TimeSpan.FromSeconds(1),
                default)
            : pair.Console.RegisterEngineAsync(
                NodePair.Name, pair.ToEngine.Host, pair.ToEngine.EndPoint.Port, secret, default));

        Assert.Equal(FaultCode.SecretExpired, refused.Code);
        Assert.Contains("clock", refused.Message, StringComparison.Ordinal);
        Assert.Empty(pair.Console.Store.ListEngines());
        Assert.DoesNotContain(pair.Engine.Store.ListConsoles(), known => known.State == ConsoleState.Paired);
    }

    private static void OutOfItsDates(string folder, LeapTime clock)
    {
        using NodeIdentity identity = IdentityFile.LoadOrCreate(folder, TimeProvider.System).Identity;
        DateTime now = clock.GetUtcNow().UtcDateTime;
        Assert.False(
            identity.Certificate.NotBefore.ToUniversalTime() <= now
            && now <= identity.Certificate.NotAfter.ToUniversalTime());
    }
}
