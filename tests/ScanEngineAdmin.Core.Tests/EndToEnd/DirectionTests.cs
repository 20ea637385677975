using System.Net;
using System.Net.Sockets;
using ScanEngineAdmin.Core.Directions;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Core.Tests.EndToEnd;

[Trait("Speed", "Slow")]
public sealed class DirectionTests
{
    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task The_direction_changes_and_back_and_scans_bring_the_same(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        using var targets = new ScanTargets();
        await targets.RunAsync(pair);

        FirewallPlan there = await pair.ChangeAsync(Ways.Other(way));
        Assert.Equal((ChangeState.Committed, 1L), (there.State, there.Epoch));
        await AgreedAsync(pair, Ways.Other(way), 1);
        await OldWayClosedAsync(pair, way);
        await targets.RunAsync(pair);

        FirewallPlan back = await pair.ChangeAsync(way);
        Assert.Equal((ChangeState.Committed, 2L), (back.State, back.Epoch));
        await AgreedAsync(pair, way, 2);
        await OldWayClosedAsync(pair, Ways.Other(way));
        await targets.RunAsync(pair);
    }

    [Fact]
    public async Task A_port_that_was_named_once_is_opened_again_after_a_change_back()
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        int named = ((IPEndPoint)free.LocalEndpoint).Port;
        free.Stop();
        await using NodePair pair = await NodePair.ActiveAsync(
            CommunicationDirection.EngineToConsole, null, engine => engine with { ListenUnpaired = false });
        DirectionChangeRequest standard = pair.Request(CommunicationDirection.ConsoleToEngine) with
        {
            Address = pair.EngineOptions.Listen.Address.ToString(),
            Port = named,
        };

        for (int round = 0; round < 2; round++)
        {
            await pair.Console.Direction.ChangeAsync(pair.PairingId, standard, null, CancellationToken.None);
            Assert.Equal(named, pair.EngineNode!.EndPoint!.Port);
            await pair.ChangeAsync(CommunicationDirection.EngineToConsole);
            await pair.StopEngineAsync();
            await pair.StartEngineAsync();
        }
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task Asking_for_the_direction_in_force_changes_nothing(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        await pair.ChangeAsync(Ways.Other(way));

        FirewallPlan again = await pair.ChangeAsync(Ways.Other(way));

        Assert.Equal(ChangeState.Committed, again.State);
        Assert.All(again.Rules, rule => Assert.Equal(RuleChange.Keep, rule.Change));
        Assert.Single(pair.Console.Store.ListChanges(pair.PairingId));
        Assert.Equal(1, pair.AtConsole.Epoch);
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_change_whose_new_way_is_blocked_is_rolled_back_in_its_time(CommunicationDirection way)
    {
        var late = new LateProof();
        await using NodePair pair = await NodePair.ActiveAsync(way, late.Of);
        Relay blocked = pair.On(Ways.Other(way));
        blocked.Block();

        ScanEngineException failed = await late.FailedAsync(pair, pair.Request(Ways.Other(way)));

        Assert.Equal(FaultCode.ChangeFailed, failed.Code);
        Assert.Contains("Prove: no round trip over the new way", failed.Message, StringComparison.Ordinal);
        Assert.Contains($"{blocked.EndPoint}", failed.Message, StringComparison.Ordinal);
        ChangeRecord settled = await pair.UntilChangeAsync(change => change.Acknowledged is not null);
        Assert.Equal(ChangeState.RolledBack, settled.State);
        await AgreedAsync(pair, way, 1);
        await OldWayClosedAsync(pair, Ways.Other(way));
        using var targets = new ScanTargets();
        await targets.RunAsync(pair);
    }

    [Fact]
    public async Task An_engine_that_cannot_listen_refuses_and_is_in_no_doubt()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var there = (IPEndPoint)taken.LocalEndpoint;
        await using NodePair pair = await NodePair.ActiveAsync(
            CommunicationDirection.EngineToConsole,
            null,
            engine => engine with { Listen = there, ListenUnpaired = false });

        DirectionChangeRequest request =
            pair.Request(CommunicationDirection.ConsoleToEngine) with { Port = there.Port };
        ScanEngineException failed = await Expect.FaultAsync(
            FaultCode.ChangeFailed,
            () => pair.Console.Direction.ChangeAsync(pair.PairingId, request, null, CancellationToken.None));

        Assert.Contains("Prepare", failed.Message, StringComparison.Ordinal);
        Assert.Contains("PortInUse", failed.Message, StringComparison.Ordinal);

        // Who holds the port is the engine's admin's to know.
        Assert.DoesNotContain("process", failed.Message, StringComparison.Ordinal);
        await pair.LoggedAsync(entry => entry.Event == "ListenFailed"
            && entry.Message.Contains("process", StringComparison.Ordinal));
        ChangeRecord settled = Assert.Single(pair.Console.Store.ListChanges(pair.PairingId));
        Assert.NotNull(settled.Acknowledged);
        Assert.Null(pair.AtEngine.ChangeId);
        Assert.Null(pair.AtEngine.ChangeTo);
        Assert.Equal(CommunicationDirection.EngineToConsole, pair.AtEngine.Direction);
        using var targets = new ScanTargets();
        await targets.RunAsync(pair);
    }

    [Fact]
    public async Task A_port_that_the_change_named_is_listened_on_after_a_restart_too()
    {
        await using NodePair pair = await NodePair.ActiveAsync(CommunicationDirection.EngineToConsole);
        IPAddress own = pair.EngineOptions.Listen.Address;
        using (var free = new TcpListener(own, 0))
        {
            free.Start();
            int named = ((IPEndPoint)free.LocalEndpoint).Port;
            free.Stop();
            DirectionChangeRequest request = pair.Request(CommunicationDirection.ConsoleToEngine);
            request = request with { Address = $"{own}", Port = named };
            await pair.Console.Direction.ChangeAsync(pair.PairingId, request, null, CancellationToken.None);
            Assert.Equal(named, pair.EngineNode!.EndPoint!.Port);
        }

        IPEndPoint before = pair.EngineNode!.EndPoint!;
        await pair.StopEngineAsync();
        await pair.StartEngineAsync();

        Assert.Equal(before, pair.EngineNode!.EndPoint);
        await pair.ActiveAsync();
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_scan_that_runs_during_the_change_finishes_once_with_all_it_found(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        using var targets = new ScanTargets();
        ScanRecord scan = await targets.HeldAsync(pair);

        await pair.ChangeAsync(Ways.Other(way));
        await AgreedAsync(pair, Ways.Other(way), 1);

        ScanRecord during = pair.Console.Store.GetScan(scan.ScanId)!;
        Assert.Equal(ScanState.Running, during.State);
        ScanRecord done = await targets.CompletedAsync(pair, scan);
        Assert.Equal(1, done.Attempt);
        Assert.True(done.LastBatch > during.LastBatch);
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task The_engines_admin_proposes_and_the_console_changes(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        if (way == CommunicationDirection.ConsoleToEngine)
        {
            // The console is told in the next hello of this engine; and the engine has to know whom to dial.
            pair.Engine.SetConsole(pair.PairingId, pair.ToConsole.Host, pair.ToConsole.EndPoint.Port, null);
            pair.ToEngine.Cut();
        }
        else
        {
            pair.Console.SetEngine(pair.PairingId, null, pair.ToEngine.Host, pair.ToEngine.EndPoint.Port);
        }

        pair.Engine.SetConsole(pair.PairingId, null, null, Ways.Other(way));
        pair.On(way).Cut();

        await pair.UntilChangeAsync(change => change is { State: ChangeState.Committed, Acknowledged: not null });
        await AgreedAsync(pair, Ways.Other(way), 1);
        Assert.Null(pair.AtEngine.ProposedDirection);
        Assert.Single(pair.Console.Store.ListChanges(pair.PairingId));
    }

    internal static async Task AgreedAsync(NodePair pair, CommunicationDirection way, long epoch)
    {
        await pair.UntilEngineAsync(now => now.Direction == way && now.Epoch == epoch && now.ChangeId is null);
        await pair.UntilConsoleAsync(
            now => now.Status == CommunicationStatus.Active && now.Direction == way && now.Epoch == epoch);
    }

    /// <summary>To the engine: nobody listens there. To the console: nobody comes any more.</summary>
    private static async Task OldWayClosedAsync(NodePair pair, CommunicationDirection old)
    {
        if (old == CommunicationDirection.ConsoleToEngine)
        {
            await pair.UntilEngineStoreAsync(
                () => pair.Engine.Store.GetNode()!, node => node.EndPoint is null && pair.EngineNode!.EndPoint is null);
            return;
        }

        // Only now: a poller that is just being stopped may still have a connection on its way to the relay.
        await pair.LoggedAsync("PollerStopped");
        pair.ToConsole.Unblock();
        int before = pair.ToConsole.Connections;
        pair.ToConsole.Cut();
        using var targets = new ScanTargets();
        await targets.RunAsync(pair);
        Assert.Equal(before, pair.ToConsole.Connections);
    }
}
