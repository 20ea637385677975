using ScanEngineAdmin.Core.Directions;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Domain.Schedules;

namespace ScanEngineAdmin.Core.Tests.EndToEnd;

/// <summary>Scans that begin by themselves, at a real engine.</summary>
[Trait("Speed", "Slow")]
public sealed class ScheduleTests
{
    private readonly LeapTime _time = new();

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_schedule_scans_and_says_what_changed_also_over_a_restart(CommunicationDirection way)
    {
        await using NodePair pair = await ActiveAsync(way);
        using var targets = new ScanTargets();
        pair.Console.Schedules.Add(Schedule(pair, targets.Short));
        _time.Pass(TimeSpan.FromHours(1));
        ScanRecord first = await RunAsync(pair, null);
        await targets.CompletedAsync(pair, first);

        // The next run is due while no console runs.
        await pair.StopConsoleAsync();
        _time.Pass(TimeSpan.FromHours(1));
        await pair.StartConsoleAsync();
        ScanRecord second = await RunAsync(pair, first);
        await targets.CompletedAsync(pair, second);
        await UntilComparedAsync(pair, second);
        Assert.Empty(Trail(pair, Events.ScheduleDifference));

        targets.Dispose();
        _time.Pass(TimeSpan.FromHours(1));
        ScanRecord third = await RunAsync(pair, second);
        Assert.Equal(ScanState.Completed, (await pair.EndAsync(third.ScanId)).State);
        await UntilComparedAsync(pair, third);
        Assert.Equal(
            [$"hourly: 2 Closed; scan {third.ScanId:D} against {second.ScanId:D}"],
            Trail(pair, Events.ScheduleDifference));
        Assert.Equal(3, pair.Console.Store.ListScans().Count);
        Assert.Equal(3, Trail(pair, Events.ScheduleRun).Length);
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task In_a_window_of_the_console_what_runs_is_stopped_and_what_waits_begins_after_it(
        CommunicationDirection way)
    {
        await using NodePair pair = await ActiveAsync(way);
        using var targets = new ScanTargets();
        ScanRecord running = pair.Console.Scans.Add(pair.PairingId, targets.Lasting(120));
        await pair.UntilScanAsync(running.ScanId, now => now.FindingCount > 0);

        pair.Console.Schedules.SetBlackOut(new ConsoleBlackOut(["00:00-24:00"], "UTC"));
        ScanRecord stopped = await pair.EndAsync(running.ScanId);
        Assert.Equal(ScanState.Stopped, stopped.State);
        Assert.InRange(stopped.FindingCount, 1, long.MaxValue);
        ScanRecord waits = pair.Console.Scans.Add(pair.PairingId, targets.Short);

        _time.Pass(TimeSpan.FromMinutes(1));
        DateTimeOffset end = _time.GetUtcNow();
        Assert.Equal(ScanState.Queued, pair.Console.Store.GetScan(waits.ScanId)!.State);
        pair.Console.Schedules.SetBlackOut(ConsoleBlackOut.None);
        ScanRecord completed = await targets.CompletedAsync(pair, waits);
        Assert.InRange(completed.Started!.Value, end, DateTimeOffset.MaxValue);
    }

    private static ScheduleRecord Schedule(NodePair pair, ScanRequest request) => new()
    {
        Name = "hourly",
        PairingId = pair.PairingId,
        // No hour of real time passes the minute while the test runs.
        Cron = [$"{(DateTimeOffset.UtcNow.Minute + 30) % 60} * * * *"],
        TimeZone = "UTC",
        Missed = MissedRunRule.Once,
        Request = request,
        Created = DateTimeOffset.UnixEpoch,
    };

    private static async Task<ScanRecord> RunAsync(NodePair pair, ScanRecord? before)
    {
        ScheduleRecord schedule = await pair.UntilConsoleStoreAsync(
            () => pair.Console.Store.FindSchedule("hourly")!,
            now => now.LastScanId is not null && now.LastScanId != before?.ScanId);
        return pair.Console.Store.GetScan(schedule.LastScanId!.Value)!;
    }

    private static async Task UntilComparedAsync(NodePair pair, ScanRecord run) => await pair.UntilConsoleStoreAsync(
        () => pair.Console.Store.FindSchedule("hourly")!, schedule => schedule.ComparedScanId == run.ScanId);

    private static string[] Trail(NodePair pair, string name) =>
        [.. pair.Console.Store.ListEvents(1000).Where(entry => entry.Event == name).Select(entry => entry.Detail)];

    /// <summary>The time of both nodes is in the test's hand, and no silence ends their channels.</summary>
    private Task<NodePair> ActiveAsync(CommunicationDirection way) => NodePair.ActiveAsync(
        way,
        console => console with
        {
            Channel = console.Channel with { Time = _time, PeerTimeout = TimeSpan.FromDays(1) },
        },
        engine => engine with
        {
            Channel = engine.Channel with { Time = _time, PeerTimeout = TimeSpan.FromDays(1) },
        });
}
