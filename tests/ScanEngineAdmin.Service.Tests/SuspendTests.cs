using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Service.Tests;

/// <summary>
/// A machine is suspended for longer than a peer may be silent, and comes back: SIGSTOP and SIGCONT of real processes,
/// at the times of the product.
/// </summary>
public sealed class SuspendTests
{
    [Fact, NeedsLinux]
    public Task A_suspended_node_is_missed_and_found_again_and_its_scan_goes_on() => Task.WhenAll(
        SuspendAsync(CommunicationDirection.ConsoleToEngine, console: false),
        SuspendAsync(CommunicationDirection.ConsoleToEngine, console: true),
        SuspendAsync(CommunicationDirection.EngineToConsole, console: false),
        SuspendAsync(CommunicationDirection.EngineToConsole, console: true));

    private static async Task SuspendAsync(CommunicationDirection direction, bool console)
    {
        await using var pair = await KilledInScanTests.Pair.StartAsync(direction);
        ScanRecord scan = await pair.BeginScanAsync();
        HostProcess asleep = console ? pair.Console : pair.Engine;
        HostProcess awake = console ? pair.Engine : pair.Console;

        asleep.Signal(Processes.Stop);
        pair.Visits.Release();
        try
        {
            // By its heartbeats, since a suspended machine closes nothing.
            await awake.EventAsync("ChannelClosed");
        }
        finally
        {
            asleep.Signal(Processes.Continue);
        }

        await pair.AssertCompleteAsync(scan.ScanId);

        // What was under way when the engine was stopped ran out of its time, and is tried once more.
        Assert.All(pair.Visits.Counts, visited => Assert.InRange(visited.Value, 1, console ? 1 : 2));
    }
}
