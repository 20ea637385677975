using ScanEngineAdmin.Core.Applier;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Domain.Firewall;

namespace ScanEngineAdmin.Core.Tests.EndToEnd;

/// <summary>The engine's admin proposes a direction, and nobody is there to say -ApplyFirewall.</summary>
[Trait("Speed", "Slow")]
public sealed class ProposedWithAppliersTests
{
    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task Where_both_hosts_run_an_applier_both_are_asked(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        using FolderLock console = Applier(pair.ConsoleFolder.Console);
        using FolderLock engine = Applier(pair.EngineFolder.Engine);

        ChangeRecord change = await ProposedAsync(pair, way, applierAtEngine: true);

        Assert.True(change.ApplyFirewall);
        IReadOnlyList<FirewallRequest> asked = await pair.UntilEngineStoreAsync(
            pair.Console.Store.ListOpenFirewall, all => all.Count > 0);
        FirewallRequest request = Assert.Single(asked);
        Assert.Equal((change.ChangeId, FirewallAction.Open), (request.ChangeId, request.Action));
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task Where_one_of_them_runs_none_nobody_is_asked(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        using FolderLock console = Applier(pair.ConsoleFolder.Console);

        ChangeRecord change = await ProposedAsync(pair, way, applierAtEngine: false);

        Assert.False(change.ApplyFirewall);
        await DirectionTests.AgreedAsync(pair, Ways.Other(way), 1);
        Assert.Empty(pair.Console.Store.ListOpenFirewall());
    }

    /// <summary>One that runs, and does nothing.</summary>
    private static FolderLock Applier(string folder)
    {
        FolderLock.Provide(folder, FirewallApplierClient.LockName);
        return FolderLock.TryTake(folder, FirewallApplierClient.LockName)!;
    }

    private static async Task<ChangeRecord> ProposedAsync(
        NodePair pair, CommunicationDirection way, bool applierAtEngine)
    {
        // What runs at the engine is said in its next hello.
        pair.On(way).Cut();
        await pair.UntilConsoleAsync(now => now.ReportedApplier == applierAtEngine);
        pair.Console.SetEngine(pair.PairingId, null, pair.ToEngine.Host, pair.ToEngine.EndPoint.Port);
        bool dials = way == CommunicationDirection.ConsoleToEngine;
        pair.Engine.SetConsole(
            pair.PairingId,
            dials ? pair.ToConsole.Host : null,
            dials ? pair.ToConsole.EndPoint.Port : null,
            Ways.Other(way));
        pair.On(way).Cut();
        return await pair.UntilChangeAsync(_ => true);
    }
}
