using System.Net;
using System.Net.Sockets;
using System.Security.AccessControl;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Core.Console;
using ScanEngineAdmin.Core.Engine;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Storage;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.EndToEnd;

/// <summary>Starting, stopping, ending a pairing, and the status that follows by itself.</summary>
[Trait("Speed", "Slow")]
public sealed class LifeTests
{
    public static TheoryData<bool> EitherNode { get; } = [true, false];

    [Fact]
    public async Task A_connected_engine_is_told_that_the_pairing_is_over_and_polls_no_more()
    {
        await using NodePair pair = await NodePair.ActiveAsync(CommunicationDirection.EngineToConsole);
        pair.Console.UnregisterEngine(pair.PairingId);

        ConsoleRecord told = await pair.UntilEngineAsync(now => now.State == ConsoleState.Denied);

        Assert.StartsWith("PairingRevoked: ", told.LastError, StringComparison.Ordinal);
        Assert.Null(told.NextPoll);
        await pair.UntilEngineAsync(now => !now.Connected);
        await pair.LoggedAsync("PairingEnded");
        Assert.Empty(pair.Console.Store.ListEngines());
    }

    [Fact]
    public async Task An_engine_that_could_not_be_told_learns_it_when_it_polls_again()
    {
        await using NodePair pair = await NodePair.ActiveAsync(CommunicationDirection.EngineToConsole);
        pair.ToConsole.Block();
        pair.Console.UnregisterEngine(pair.PairingId);
        await pair.UntilEngineAsync(now => now.ConsecutiveFailures > 0);

        pair.ToConsole.Unblock();

        ConsoleRecord told = await pair.UntilEngineAsync(now => now.State == ConsoleState.Denied);
        Assert.StartsWith("PairingRevoked: ", told.LastError, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task An_engine_that_was_unregistered_can_be_paired_again(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        Guid former = pair.PairingId;
        pair.Console.UnregisterEngine(former);
        await pair.LoggedAsync("ChannelClosed");

        await pair.PairAsync(way);
        await pair.ActiveAsync();

        Assert.NotEqual(former, pair.PairingId);
        Assert.Equal(pair.PairingId, Assert.Single(pair.Engine.Store.ListConsoles()).PairingId);
        using var targets = new ScanTargets();
        await targets.RunAsync(pair);
    }

    [Theory, MemberData(nameof(EitherNode))]
    public async Task A_second_node_on_the_same_folder_says_who_holds_it(bool console)
    {
        await using NodePair pair = await NodePair.StartAsync();

        ScanEngineException second = await Expect.FaultAsync(
            console ? FaultCode.ConsoleAlreadyRunning : FaultCode.EngineAlreadyRunning,
            () => StartAsync(pair, console));

        Assert.Contains($"process {Environment.ProcessId}", second.Message, StringComparison.Ordinal);
        await pair.PairAsync(CommunicationDirection.ConsoleToEngine);
        await pair.ActiveAsync();
    }

    [Theory, MemberData(nameof(EitherNode))]
    public async Task A_port_that_is_taken_is_named_and_the_folder_is_free_again(bool console)
    {
        using var taken = new TcpListener(new OwnLoopback().At(1), 0);
        taken.Start();
        var there = (IPEndPoint)taken.LocalEndpoint;
        await using NodePair pair = await NodePair.StartAsync();
        pair.ConsoleOptions = pair.ConsoleOptions with { Listen = there };
        pair.EngineOptions = pair.EngineOptions with { Listen = there };
        await (console ? pair.StopConsoleAsync() : pair.StopEngineAsync());

        ScanEngineException failed = await Expect.FaultAsync(FaultCode.PortInUse, () => StartAsync(pair, console));

        Assert.Contains($"{there.Port}", failed.Message, StringComparison.Ordinal);
        taken.Stop();
        await (console ? pair.StartConsoleAsync() : pair.StartEngineAsync());
        Assert.Equal(there, console ? pair.ConsoleNode!.EndPoint : pair.EngineNode!.EndPoint);
    }

    [Theory, MemberData(nameof(EitherNode))]
    public async Task An_admin_stops_a_node_from_outside(bool console)
    {
        await using NodePair pair = await NodePair.ActiveAsync(CommunicationDirection.ConsoleToEngine);
        Task ended = console ? pair.ConsoleNode!.Completion : pair.EngineNode!.Completion;

        Assert.True(console
            ? await pair.Console.StopAsync(NodePair.Patience, CancellationToken.None)
            : await pair.Engine.StopAsync(NodePair.Patience, CancellationToken.None));

        await ended.WaitAsync(NodePair.Patience);
        NodeInfo after = console ? pair.Console.Describe() : pair.Engine.Describe();
        Assert.False(after.IsRunning);
        Assert.Null(after.Node!.EndPoint);
        Assert.False(console
            ? await pair.Console.StopAsync(NodePair.Patience, CancellationToken.None)
            : await pair.Engine.StopAsync(NodePair.Patience, CancellationToken.None));
        await (console ? pair.StartConsoleAsync() : pair.StartEngineAsync());
        await pair.ActiveAsync();
    }

    [Fact]
    public async Task Two_that_hold_different_directions_and_do_not_meet_say_so_where_one_dials()
    {
        // Where the engine polls nobody gets through; else the two would settle it. Only a store that was restored or
        // tampered with says this under the same epoch.
        await using NodePair pair = await NodePair.ActiveAsync(CommunicationDirection.ConsoleToEngine);
        await pair.StopEngineAsync();
        ConsoleRecord held = pair.AtEngine with
        {
            Direction = CommunicationDirection.EngineToConsole,
            Address = pair.ToConsole.Host,
            Port = pair.ToConsole.EndPoint.Port,
        };
        pair.ToConsole.Block();
        pair.Engine.Store.UpdateConsole(pair.PairingId, _ => held);

        // Another console, for which the engine listens all the same.
        pair.Engine.Store.AddConsole(held with
        {
            PairingId = Guid.NewGuid(),
            ConsoleId = Guid.NewGuid(),
            Direction = CommunicationDirection.ConsoleToEngine,
            Pins = [pair.Engine.Describe().Fingerprint],
        });
        await pair.StartEngineAsync();

        EngineRecord conflict = await pair.UntilConsoleAsync(
            now => now.StatusDetail.StartsWith("DirectionConflict: ", StringComparison.Ordinal));
        Assert.Contains("engine-to-console", conflict.StatusDetail, StringComparison.Ordinal);
        pair.ToConsole.Unblock();
        await DirectionTests.AgreedAsync(pair, CommunicationDirection.EngineToConsole, 0);
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task An_overdue_engine_is_not_responding_and_active_again_by_itself(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way, Fresh);

        pair.On(way).Block();
        EngineRecord overdue = await pair.UntilConsoleAsync(now => now.Status == CommunicationStatus.NotResponding);
        Assert.NotEmpty(overdue.StatusDetail);
        pair.On(way).Unblock();

        EngineRecord again = await pair.ActiveAsync();
        Assert.True(again.LastContact > overdue.LastContact);
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task An_engine_that_stopped_is_not_responding_and_active_when_it_is_back(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(
            way,
            console => Fresh(console) with
            {
                ProbeInterval = TimeSpan.FromMinutes(5),
                Linger = TimeSpan.FromMinutes(5),
            });

        await pair.StopEngineAsync();
        await pair.UntilConsoleAsync(now => now.Status == CommunicationStatus.NotResponding);
        await pair.StartEngineAsync();

        await pair.ActiveAsync();
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task What_an_earlier_console_process_said_is_not_believed_for_ever(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(
            way, console => Fresh(console) with { ContactRefresh = TimeSpan.FromSeconds(1) });
        await pair.StopConsoleAsync();
        await pair.StopEngineAsync();

        // Whatever it last said before it ended: with these short times a busy machine may have made it overdue.
        pair.Console.Store.UpdateEngine(pair.PairingId, now => now with { Status = CommunicationStatus.Active });
        await pair.StartConsoleAsync();

        await pair.UntilConsoleAsync(now => now.Status == CommunicationStatus.NotResponding);
    }

    [Fact]
    public async Task An_idle_engine_is_let_go_and_probed_and_stays_active()
    {
        await using NodePair pair = await NodePair.ActiveAsync(CommunicationDirection.ConsoleToEngine, Fresh);
        EngineRecord first = await pair.UntilConsoleAsync(now => now.StatusDetail == "idle");

        EngineRecord later = await pair.UntilConsoleAsync(
            now => now.LastContact > first.LastContact && now.StatusDetail == "idle");

        Assert.Equal(CommunicationStatus.Active, later.Status);
        using var targets = new ScanTargets();
        await targets.RunAsync(pair);
    }

    [Fact]
    public async Task An_engine_that_moved_is_dialled_at_its_new_address_at_once()
    {
        await using NodePair pair = await NodePair.ActiveAsync(
            CommunicationDirection.ConsoleToEngine,
            console => Fresh(console) with { MinRetry = TimeSpan.FromMinutes(5), MaxRetry = TimeSpan.FromMinutes(10) });
        pair.ToEngine.Block();
        await pair.UntilConsoleAsync(now => now.Status == CommunicationStatus.NotResponding
            && now.NextExpected > DateTimeOffset.UtcNow.AddMinutes(1));
        await using var moved = new Relay(IPAddress.Loopback, () => pair.EngineNode?.EndPoint);

        pair.Console.SetEngine(pair.PairingId, null, moved.Host, moved.EndPoint.Port);

        await pair.ActiveAsync();
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task Of_two_copies_of_an_engine_the_newest_wins_and_nothing_breaks(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(
            way, null, engine => engine with { RefusedRetry = TimeSpan.FromMinutes(15) });
        await pair.StopEngineAsync();
        using var other = new TemporaryFolder();
        DataFolder copy = Copy(pair.EngineFolder, other.Path);
        await pair.StartEngineAsync();
        await pair.UntilEngineAsync(now => now.Connected);

        await using EngineNode twin = await EngineNode.StartAsync(
            copy, new SqliteStoreProvider(), pair.EngineOptions, _ => { }, CancellationToken.None);
        if (way == CommunicationDirection.ConsoleToEngine)
        {
            pair.Console.SetEngine(pair.PairingId, null, $"{twin.EndPoint!.Address}", twin.EndPoint.Port);
            pair.ToEngine.Block();
        }
        else
        {
            await pair.UntilEngineAsync(now => !now.Connected
                && now.NextPoll > DateTimeOffset.UtcNow.AddMinutes(5)
                && now.LastError?.Contains("newer connection of the same node", StringComparison.Ordinal) == true);
        }

        await pair.ActiveAsync();
        using var targets = new ScanTargets();
        ScanRecord done = await pair.Console.Scans.WaitAsync(
            pair.Console.Scans.Add(pair.PairingId, targets.Short).ScanId, NodePair.Patience, null,
            CancellationToken.None);
        Assert.Equal(ScanState.Completed, done.State);
        Assert.False(pair.EngineNode!.Completion.IsCompleted);
    }

    /// <summary>Everything that keeps a status fresh, in short times.</summary>
    private static ConsoleNodeOptions Fresh(ConsoleNodeOptions options) => options with
    {
        Grace = TimeSpan.FromMilliseconds(500),
        ProbeInterval = TimeSpan.FromMilliseconds(600),
        Linger = TimeSpan.FromMilliseconds(300),
        Channel = options.Channel with { HeartbeatInterval = TimeSpan.FromMilliseconds(500) },
    };

    private static async Task StartAsync(NodePair pair, bool console)
    {
        var stores = new SqliteStoreProvider();
        if (console)
        {
            await using ConsoleNode node = await ConsoleNode.StartAsync(
                pair.ConsoleFolder, stores, pair.ConsoleOptions, _ => { }, CancellationToken.None);
        }
        else
        {
            await using EngineNode node = await EngineNode.StartAsync(
                pair.EngineFolder, stores, pair.EngineOptions, _ => { }, CancellationToken.None);
        }
    }

    private static DataFolder Copy(DataFolder from, string to)
    {
        DataFolder copy = DataFolder.Resolve(to);
        string folder = copy.EnsureEngine();
        foreach (string file in Directory.GetFiles(from.Engine))
        {
            // Not the doorbell, which is a socket, nor the lock.
            if ((File.GetAttributes(file) & FileAttributes.Device) == 0
                && Path.GetFileName(file) is not ("lock" or "bell"))
            {
                CopyWithRights(file, Path.Combine(folder, Path.GetFileName(file)));
            }
        }

        return copy;
    }

    // A copy has its folder's rights on Windows, and a key that others may read is refused.
    private static void CopyWithRights(string from, string to)
    {
        File.Copy(from, to);
        if (OperatingSystem.IsWindows())
        {
            FileSecurity rights = new FileInfo(from).GetAccessControl(AccessControlSections.Access);
            rights.SetAccessRuleProtection(isProtected: true, preserveInheritance: true);
            new FileInfo(to).SetAccessControl(rights);
        }
    }
}
