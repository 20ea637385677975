using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.EndToEnd;

/// <summary>When an engine polls again, and when it stops: an engine on manual time against a real console.</summary>
[Trait("Speed", "Slow")]
public sealed class PollingTests
{
    [Fact]
    public void A_back_off_doubles_between_half_and_whole_and_has_a_ceiling()
    {
        var random = new Random(1);
        TimeSpan first = TimeSpan.FromSeconds(2);
        TimeSpan longest = TimeSpan.FromSeconds(120);
        for (int failures = 1; failures < 100; failures++)
        {
            double whole = Math.Min(120, 2 * Math.Pow(2, failures - 1));
            Assert.InRange(Backoff.After(failures, first, longest, random).TotalSeconds, whole / 2, whole);
        }
    }

    [Fact]
    public async Task Failures_of_the_way_back_off_and_a_round_trip_begins_anew()
    {
        var time = new ManualTime();
        await using NodePair pair = await PairedAsync(time);
        pair.ToConsole.Block();
        await pair.StartEngineAsync();

        for (int failures = 1; failures <= 7; failures++)
        {
            ConsoleRecord failed = await PassUntilAsync(pair, time, now => now.ConsecutiveFailures >= failures);
            double whole = Math.Min(60, 2 * Math.Pow(2, failures - 1));
            Assert.InRange((failed.NextPoll!.Value - time.GetUtcNow()).TotalSeconds, whole / 2, whole);
            Assert.StartsWith("ConnectionRefused: ", failed.LastError, StringComparison.Ordinal);
        }

        pair.ToConsole.Unblock();
        ConsoleRecord polled = await PassUntilAsync(pair, time, now => now.LastPoll is not null);
        Assert.Equal((0, null), (polled.ConsecutiveFailures, polled.LastError));
        pair.ToConsole.Block();
        ConsoleRecord again = await pair.UntilEngineAsync(now => now.ConsecutiveFailures > 0);
        Assert.InRange((again.NextPoll!.Value - time.GetUtcNow()).TotalSeconds, 1, 2);
    }

    [Theory]
    [InlineData(FaultCode.NotPaired)]
    [InlineData(FaultCode.PeerNotTrusted)]
    public async Task A_refusal_of_trust_waits_long_and_never_ends_the_polling(FaultCode refusal)
    {
        var time = new ManualTime();
        await using NodePair pair = await PairedAsync(time);
        EngineRecord known = pair.AtConsole;
        ConsoleRecord before = pair.AtEngine;
        if (refusal == FaultCode.NotPaired)
        {
            pair.Console.Store.RemoveEngine(pair.PairingId);
        }
        else
        {
            pair.Engine.Store.UpdateConsole(pair.PairingId, console => console with { Pins = known.Pins });
        }

        await pair.StartEngineAsync();
        for (int failures = 1; failures <= 2; failures++)
        {
            ConsoleRecord refused = await PassUntilAsync(pair, time, now => now.ConsecutiveFailures >= failures);
            Assert.StartsWith($"{refusal}: ", refused.LastError, StringComparison.Ordinal);
            Assert.InRange((refused.NextPoll!.Value - time.GetUtcNow()).TotalMinutes, 13.5, 16.5);
        }

        if (refusal == FaultCode.NotPaired)
        {
            pair.Console.Store.AddEngine(known);
        }
        else
        {
            pair.Engine.Store.UpdateConsole(pair.PairingId, console => console with { Pins = before.Pins });
        }

        await PassUntilAsync(pair, time, now => now.LastPoll is not null && now.ConsecutiveFailures == 0);
        await pair.ActiveAsync();
    }

    [Fact]
    public async Task An_address_that_an_admin_corrects_is_tried_at_once()
    {
        var time = new ManualTime();
        await using NodePair pair = await PairedAsync(time);
        pair.Engine.Store.UpdateConsole(pair.PairingId, console => console with { Port = 1 });
        await pair.StartEngineAsync();
        await pair.UntilEngineAsync(now => now.ConsecutiveFailures == 1);

        pair.Engine.SetConsole(pair.PairingId, pair.ToConsole.Host, pair.ToConsole.EndPoint.Port, null);

        await pair.UntilEngineAsync(now => now.LastPoll is not null);
    }

    [Fact]
    public async Task A_single_round_does_the_work_delivers_it_and_ends()
    {
        await using NodePair pair = await NodePair.ActiveAsync(CommunicationDirection.EngineToConsole);
        await pair.StopEngineAsync();
        using var targets = new ScanTargets();
        ScanRecord scan = pair.Console.Scans.Add(pair.PairingId, targets.Short);
        pair.EngineOptions = pair.EngineOptions with { Once = true };

        await pair.StartEngineAsync();
        await pair.EngineNode!.Completion.WaitAsync(NodePair.Patience);

        Assert.Equal(ScanState.Completed, pair.Console.Store.GetScan(scan.ScanId)!.State);
        await targets.CompletedAsync(pair, scan);
        Assert.False(pair.Engine.Describe().IsRunning);
    }

    [Fact]
    public async Task A_single_round_without_work_ends()
    {
        await using NodePair pair = await NodePair.ActiveAsync(CommunicationDirection.EngineToConsole);
        await pair.StopEngineAsync();
        pair.EngineOptions = pair.EngineOptions with { Once = true };

        await pair.StartEngineAsync();

        await pair.EngineNode!.Completion.WaitAsync(NodePair.Patience);
        Assert.NotNull(pair.AtEngine.LastPoll);
    }

    [Fact]
    public async Task A_single_round_that_fails_says_why()
    {
        await using NodePair pair = await NodePair.ActiveAsync(CommunicationDirection.EngineToConsole);
        await pair.StopEngineAsync();
        pair.EngineOptions = pair.EngineOptions with { Once = true };
        pair.ToConsole.Block();

        await pair.StartEngineAsync();

        await Expect.FaultAsync(
            FaultCode.ConnectionRefused, () => pair.EngineNode!.Completion.WaitAsync(NodePair.Patience));
    }

    [Fact]
    public async Task A_single_round_that_nobody_has_approved_yet_says_so_and_ends()
    {
        await using NodePair pair = await NodePair.StartAsync();
        await pair.StopEngineAsync();
        pair.Engine.RegisterConsole(
            pair.ToConsole.Host, pair.ToConsole.EndPoint.Port, NodePair.Name, TimeSpan.FromSeconds(1));
        pair.EngineOptions = pair.EngineOptions with { Once = true };

        await pair.StartEngineAsync();

        await Expect.FaultAsync(
            FaultCode.ApprovalPending, () => pair.EngineNode!.Completion.WaitAsync(NodePair.Patience));
        Assert.Single(pair.Console.Store.ListEngines());
    }

    /// <summary>Paired as reverse, with the engine stopped; when it starts, its time is in the test's hand.</summary>
    private static async Task<NodePair> PairedAsync(ManualTime time)
    {
        NodePair pair = await NodePair.StartAsync(null, engine => engine with
        {
            MinRetry = TimeSpan.FromSeconds(2),
            MaxRetry = TimeSpan.FromMinutes(1),
            RefusedRetry = TimeSpan.FromMinutes(15),
        });
        await pair.StopEngineAsync();
        await pair.PairAsync(CommunicationDirection.EngineToConsole);
        pair.EngineOptions = pair.EngineOptions with { Channel = pair.EngineOptions.Channel with { Time = time } };
        return pair;
    }

    /// <summary>Lets the time until the next poll pass, and no more: while it dials, no time passes.</summary>
    private static async Task<ConsoleRecord> PassUntilAsync(
        NodePair pair, ManualTime time, Func<ConsoleRecord, bool> until)
    {
        long started = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(started) < NodePair.Patience)
        {
            ConsoleRecord now = pair.AtEngine;
            if (until(now))
            {
                return now;
            }

            // It writes down when it polls next before it begins to wait: time that passes in between is not waited.
            if (now.NextPoll is { } next && next > time.GetUtcNow() && time.IsAwaited(next))
            {
                time.Pass(next - time.GetUtcNow() + ManualTime.Rounding);
            }

            await Task.Delay(20); // Looked at again and again, within a bound: nothing signals it.
        }

        throw new TimeoutException($"It stays {pair.AtEngine}.");
    }
}
