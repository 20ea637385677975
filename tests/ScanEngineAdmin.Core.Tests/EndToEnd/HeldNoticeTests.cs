using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Scans;

namespace ScanEngineAdmin.Core.Tests.EndToEnd;

/// <summary>An engine tells its console of a scan that a full spool holds, beside the data and whatever becomes of it.
/// </summary>
[Trait("Speed", "Slow")]
public sealed class HeldNoticeTests
{
    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task Data_does_not_wait_for_a_notice_that_is_never_answered(CommunicationDirection way)
    {
        await using NodePair pair = await HurriedAsync(way, spool: 1000);
        await using PlayedConsole console = PlayedConsole.Start(pair, way);
        ScanCauseTests.Fill(pair);
        var never = new TaskCompletionSource();
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        console.Noticed = _ =>
        {
            asked.TrySetResult();
            return never.Task;
        };
        console.Streaming = async (stream, token) =>
        {
            // Not read before the scan is held.
            await asked.Task.WaitAsync(token);
            await TakeAsync(stream, token);
        };
        await using PeerChannel channel = await BeginAsync(console);

        await asked.Task.WaitAsync(NodePair.Patience);
        await pair.UntilEngineStoreAsync(() => pair.Engine.Store.ListScans(pair.PairingId), left => left.Count == 0);
        never.SetResult();
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_notice_does_not_wait_for_data_that_the_console_does_not_read(CommunicationDirection way)
    {
        // More than a window holds, so that the stream stands still before the scan does.
        await using NodePair pair = await HurriedAsync(way, spool: 1_000_000);
        await using PlayedConsole console = PlayedConsole.Start(pair, way);
        var heard = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        console.Noticed = _ =>
        {
            heard.TrySetResult();
            return Task.CompletedTask;
        };
        console.Streaming = static (_, token) => Task.Delay(Timeout.Infinite, token);
        await using PeerChannel channel = await BeginAsync(console, start => start with
        {
            Targets = ["127.0.0.0/23"],
            Ports = "2001-2400",
            MaxRate = 0,
            Parallelism = 64,
        });

        await heard.Task.WaitAsync(NodePair.Patience);
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_notice_that_was_heard_and_not_answered_is_taken_back(CommunicationDirection way)
    {
        await using NodePair pair = await HurriedAsync(way, spool: 6000);
        await using PlayedConsole console = PlayedConsole.Start(pair, way);
        (Guid otherPairing, Guid otherScan) = ScanCauseTests.Fill(pair);
        var never = new TaskCompletionSource();
        var first = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        console.Noticed = held =>
        {
            if (!held.Held)
            {
                over.TrySetResult();
            }

            return first.TrySetResult() ? never.Task : Task.CompletedTask;
        };
        console.Streaming = async (stream, token) =>
        {
            await first.Task.WaitAsync(token);
            await TakeAsync(stream, token);
        };
        await using PeerChannel channel = await BeginAsync(console, start => start with { Ports = "2001-2600" });
        await first.Task.WaitAsync(NodePair.Patience);

        pair.Engine.Store.RemoveScan(otherPairing, otherScan, 1);

        await over.Task.WaitAsync(NodePair.Patience);
        never.SetResult();
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_scan_that_is_held_says_so_again_after_the_link_was_cut(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way, engine: options => options with { MaxSpool = 1000 });
        using var targets = new ScanTargets();
        ScanCauseTests.Fill(pair);
        TaskCompletionSource takes = await ScanCauseTests.SlowAsync(pair);
        ScanRecord scan = pair.Console.Scans.Add(pair.PairingId, targets.Lasting(1));
        ScanRecord held = await pair.UntilScanAsync(scan.ScanId, now => now.Cause == ScanCause.SpoolFull);

        pair.On(way).Cut();
        await pair.UntilScanAsync(scan.ScanId, now => now.Interruptions > held.Interruptions);

        await pair.UntilScanAsync(scan.ScanId, now => now.Cause == ScanCause.SpoolFull);
        takes.SetResult();
        await targets.CompletedAsync(pair, scan);
    }

    /// <summary>The engine alone, whose requests are over in two seconds.</summary>
    private static async Task<NodePair> HurriedAsync(CommunicationDirection way, long spool)
    {
        NodePair pair = await NodePair.ActiveAsync(way, engine: options => options with { MaxSpool = spool });
        await pair.StopConsoleAsync();
        await pair.StopEngineAsync();
        pair.EngineOptions = pair.EngineOptions with
        {
            Channel = pair.EngineOptions.Channel with { RequestTimeout = TimeSpan.FromSeconds(2) },
        };
        await pair.StartEngineAsync();
        return pair;
    }

    private static async Task<PeerChannel> BeginAsync(
        PlayedConsole console, Func<ScanStart, ScanStart>? change = null)
    {
        PeerChannel channel = await console.OpenAsync();
        await channel.AskAsync<ScanSyncReply>(Methods.ScanSync, new ScanSync { Scans = [] }, CancellationToken.None);
        ScanStart start = UploadTests.Start(Guid.NewGuid());
        await channel.AskAsync<Done>(Methods.ScanStart, change?.Invoke(start) ?? start, CancellationToken.None);
        return channel;
    }

    private static async Task TakeAsync(ChannelStream stream, CancellationToken token)
    {
        var reader = new ScanDataReader(stream);
        while (await reader.ReadBatchAsync(token) is { } message)
        {
            await ScanDataWriter.WriteAcknowledgementAsync(
                stream,
                new BatchAcknowledgement(message.ScanId, message.Attempt, message.Batch.Number, BatchOutcome.Stored),
                token);
        }
    }
}
