using ScanEngineAdmin.Core.Directions;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Scans;

namespace ScanEngineAdmin.Core.Tests.EndToEnd;

/// <summary>A scan that is not started yet says why.</summary>
[Trait("Speed", "Slow")]
public sealed class QueuedScanTests
{
    private static readonly ScanRequest Request = new() { Targets = ["127.0.0.1"], Ports = "9" };

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task It_says_that_no_console_runs_and_then_that_its_engine_is_not_there(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(
            way,
            console => console with
            {
                Grace = TimeSpan.FromMilliseconds(200),
                ContactRefresh = TimeSpan.FromSeconds(1),
            });
        await pair.StopEngineAsync();
        await pair.StopConsoleAsync();
        ScanRecord scan = pair.Console.Scans.Add(pair.PairingId, Request);

        ScanRecord shown = Assert.Single(pair.Console.Scans.Explain([scan]));
        Assert.Equal((ScanState.Queued, ScanCause.ConsoleNotRunning), (shown.State, shown.Cause));
        Assert.Contains("Start-SecurityConsole", shown.Detail, StringComparison.Ordinal);

        await pair.StartConsoleAsync();
        EngineRecord engine = await pair.UntilConsoleAsync(now => now.Status == CommunicationStatus.NotResponding);
        shown = Assert.Single(pair.Console.Scans.Explain([pair.Console.Store.GetScan(scan.ScanId)!]));
        Assert.Equal(ScanCause.EngineNotReached, shown.Cause);
        Assert.Contains($"{NodePair.Name} is NotResponding: ", shown.Detail, StringComparison.Ordinal);
        Assert.Equal(ScanCause.None, pair.Console.Store.GetScan(scan.ScanId)!.Cause);

        await pair.StartEngineAsync();
        ScanRecord done = await pair.EndAsync(scan.ScanId);
        Assert.Equal((ScanState.Completed, string.Empty), (done.State, done.Detail));
        Assert.Equal(done, Assert.Single(pair.Console.Scans.Explain([done])));
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task It_says_that_a_maintenance_window_lasts(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        new ConsoleBlackOut(["00:00-24:00"], "UTC").Write(pair.Console.Store);

        ScanRecord shown = Assert.Single(pair.Console.Scans.Explain([pair.Console.Scans.Add(pair.PairingId, Request)]));

        Assert.Equal(ScanCause.MaintenanceWindow, shown.Cause);
        Assert.StartsWith("A maintenance window of the console lasts until 2", shown.Detail, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task One_that_its_engine_has_not_taken_on_ends_when_it_is_stopped_and_is_not_started_any_more(
        CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        await pair.StopEngineAsync();
        await using PlayedEngine engine = await PlayedEngine.StartAsync(pair, way, terms: true, (_, _) => []);
        engine.IsFull = true;
        await engine.OpenedAsync();
        ScanRecord scan = pair.Console.Scans.Add(pair.PairingId, Request);
        await pair.LoggedAsync("ScanNotTakenOn");

        pair.Console.Scans.Stop(scan.ScanId);

        ScanRecord stopped = await pair.EndAsync(scan.ScanId);
        Assert.Equal(
            (ScanState.Stopped, ScanCause.StoppedByUser, "Stopped before it was started."),
            (stopped.State, stopped.Cause, stopped.Detail));
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task It_says_that_others_go_first(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way, console => console with { MaxScansPerEngine = 1 });
        using var targets = new ScanTargets();
        ScanRecord first = await targets.HeldAsync(pair);
        ScanRecord second = pair.Console.Scans.Add(pair.PairingId, Request);

        ScanRecord shown = Assert.Single(pair.Console.Scans.Explain([second]));
        Assert.Equal(ScanCause.QueuedBehindOthers, shown.Cause);
        Assert.Equal("Another scan runs at its engine.", shown.Detail);

        await targets.CompletedAsync(pair, first);
        Assert.Equal(ScanState.Completed, (await pair.EndAsync(second.ScanId)).State);
    }
}
