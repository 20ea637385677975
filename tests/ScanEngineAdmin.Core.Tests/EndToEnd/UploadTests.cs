using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Core.Tests.Nodes;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Core.Tests.EndToEnd;

/// <summary>Scan data finds its way to the console whatever happens to the one upload that carries it.</summary>
[Trait("Speed", "Slow")]
public sealed class UploadTests
{
    /// <summary>
    /// The engine takes long over a reconciliation, the link is cut meanwhile, and the console has reconciled over the
    /// next channel before the first answer is ready.
    /// </summary>
    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_reconciliation_answered_late_does_not_take_the_data_from_the_channel_that_came_after(
        CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        await pair.StopConsoleAsync();
        await pair.StopEngineAsync();
        var stores = new WatchedStores();
        pair.NodeStores = stores;
        await pair.StartEngineAsync();
        await using PlayedConsole console = PlayedConsole.Start(pair, way);
        PeerChannel first = await console.OpenAsync();
        using var release = new ManualResetEventSlim();
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int left = 1;
        stores.OnEngine = (member, given) =>
        {
            if (member == nameof(IEngineStore.ListScans) && given is [Guid] && Interlocked.Exchange(ref left, 0) == 1)
            {
                reached.SetResult();
                release.Wait(NodePair.Patience);
            }
        };
        var nothing = new ScanSync { Scans = [] };
        Task late = first.AskAsync<ScanSyncReply>(Methods.ScanSync, nothing, CancellationToken.None);
        await reached.Task.WaitAsync(NodePair.Patience);
        await first.DisposeAsync();
        await Assert.ThrowsAsync<ChannelException>(() => late);

        PeerChannel second = await console.OpenAsync();
        await second.AskAsync<ScanSyncReply>(Methods.ScanSync, nothing, CancellationToken.None);
        var scanId = Guid.NewGuid();
        await second.AskAsync<Done>(Methods.ScanStart, Start(scanId), CancellationToken.None);
        release.Set();

        ScanDataMessage last = await LastAsync(console);
        Assert.Equal((scanId, ScanState.Completed), (last.ScanId, last.Batch.Final));
        await second.DisposeAsync();
    }

    /// <summary>An open stream costs both ends memory: an engine at rest has none, and the next scan opens one.</summary>
    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_stream_of_scan_data_ends_when_all_is_acknowledged(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        await pair.StopConsoleAsync();
        await using PlayedConsole console = PlayedConsole.Start(pair, way);
        await using PeerChannel channel = await console.OpenAsync();
        await channel.AskAsync<ScanSyncReply>(Methods.ScanSync, new ScanSync { Scans = [] }, CancellationToken.None);
        for (int i = 0; i < 2; i++)
        {
            var scanId = Guid.NewGuid();
            await channel.AskAsync<Done>(Methods.ScanStart, Start(scanId), CancellationToken.None);

            Assert.Equal(scanId, (await LastAsync(console)).ScanId);
            await console.NoStreamAsync();
        }
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_fault_that_nobody_expects_interrupts_an_upload_and_does_not_end_it(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        WatchedStores stores = await pair.WatchAsync();
        int left = 1;
        stores.OnEngine = (member, _) =>
        {
            if (member == nameof(IEngineStore.ReadBatches) && Interlocked.Exchange(ref left, 0) == 1)
            {
                throw new InvalidOperationException("Nobody expects it.");
            }
        };
        using var targets = new ScanTargets();

        await targets.RunAsync(pair);

        Assert.Equal(0, left);
        Assert.Contains(pair.Log, entry => entry.Event == "UploadInterrupted");
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task What_is_not_acknowledged_when_a_stream_breaks_off_comes_again_over_the_next(
        CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        await pair.StopConsoleAsync();
        await using PlayedConsole console = PlayedConsole.Start(pair, way);
        var numbers = new ConcurrentQueue<(int Stream, long Number)>();
        int streams = 0;
        console.Streaming = async (stream, token) =>
        {
            int mine = Interlocked.Increment(ref streams);
            var reader = new ScanDataReader(stream);
            while (await reader.ReadBatchAsync(token) is { } message)
            {
                numbers.Enqueue((mine, message.Batch.Number));
                if (mine > 1)
                {
                    await AnswerAsync(stream, message, BatchOutcome.Stored, token);
                }
                else if (message.Batch.Final is not null)
                {
                    stream.Reset(1, "Gone.");
                    return;
                }
            }
        };
        await using PeerChannel channel = await console.OpenAsync();
        await BeginAsync(channel);

        await pair.UntilEngineStoreAsync(
            () => pair.Engine.Store.ListScans(pair.PairingId), left => streams > 1 && left.Count == 0);
        long[] first = [.. numbers.Where(n => n.Stream == 1).Select(n => n.Number)];
        Assert.Equal(first, numbers.Where(n => n.Stream == 2).Select(n => n.Number));
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task What_is_out_of_order_comes_again_over_the_same_stream(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        await pair.StopConsoleAsync();
        await using PlayedConsole console = PlayedConsole.Start(pair, way);
        int streams = 0;
        bool refused = false;
        console.Streaming = async (stream, token) =>
        {
            Interlocked.Increment(ref streams);
            var reader = new ScanDataReader(stream);
            while (await reader.ReadBatchAsync(token) is { } message)
            {
                bool once = message.Batch.Final is not null && !refused;
                refused |= once;
                await AnswerAsync(stream, message, once ? BatchOutcome.OutOfOrder : BatchOutcome.Stored, token);
            }
        };
        await using PeerChannel channel = await console.OpenAsync();
        await BeginAsync(channel);

        await pair.UntilEngineStoreAsync(
            () => pair.Engine.Store.ListScans(pair.PairingId), left => refused && left.Count == 0);
        Assert.Equal(1, streams);
    }

    /// <summary>A console that has the data already, or has given the attempt up, needs none of the spool.</summary>
    [Theory]
    [InlineData(CommunicationDirection.ConsoleToEngine, true)]
    [InlineData(CommunicationDirection.EngineToConsole, true)]
    [InlineData(CommunicationDirection.ConsoleToEngine, false)]
    [InlineData(CommunicationDirection.EngineToConsole, false)]
    public async Task What_the_console_does_not_need_leaves_the_spool(CommunicationDirection way, bool has)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        await pair.StopConsoleAsync();
        await using PlayedConsole console = PlayedConsole.Start(pair, way);
        var taken = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        console.Streaming = async (stream, token) =>
        {
            var reader = new ScanDataReader(stream);
            while (await reader.ReadBatchAsync(token) is { } message)
            {
                taken.TrySetResult();
                await AnswerAsync(stream, message, has ? BatchOutcome.Duplicate : BatchOutcome.Fenced, token);
            }
        };
        await using PeerChannel channel = await console.OpenAsync();
        await BeginAsync(channel);

        await taken.Task.WaitAsync(NodePair.Patience);
        await pair.UntilEngineStoreAsync(() => pair.Engine.Store.ListScans(pair.PairingId), left => left.Count == 0);
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_delivered_scan_leaves_the_spool_though_the_store_failed_just_then(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        WatchedStores stores = await pair.WatchAsync();
        int left = 1;
        stores.OnEngine = (member, _) =>
        {
            if (member == nameof(IEngineStore.AcknowledgeBatches) && Interlocked.Exchange(ref left, 0) == 1)
            {
                throw new ScanEngineException(FaultCode.StoreFull, "Full.", "Wait.", "store");
            }
        };
        using var targets = new ScanTargets();

        await targets.RunAsync(pair);

        await pair.UntilEngineStoreAsync(
            () => pair.Engine.Store.ListScans(pair.PairingId), scans => left == 0 && scans.Count == 0);
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_spool_that_lacks_what_was_written_is_said_and_turns_no_loop(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        await pair.StopConsoleAsync();
        await using PlayedConsole console = PlayedConsole.Start(pair, way);
        console.Streaming = (_, token) => Task.Delay(Timeout.Infinite, token);
        PeerChannel channel = await console.OpenAsync();
        await BeginAsync(channel);
        await pair.UntilEngineStoreAsync(
            () => pair.Engine.Store.ListScans(pair.PairingId), scans => scans is [{ State: ScanState.Completed }]);
        await channel.DisposeAsync();
        await using (var store = new SqliteConnection($"Data Source={Path.Combine(pair.EngineFolder.Engine, "store.db")}"))
        {
            await store.OpenAsync();
            await using SqliteCommand command = store.CreateCommand();
            command.CommandText = "DELETE FROM spool";
            await command.ExecuteNonQueryAsync();
        }

        channel = await console.OpenAsync();
        EngineScanRecord left = pair.Engine.Store.ListScans(pair.PairingId).Single();
        await channel.AskAsync<ScanSyncReply>(
            Methods.ScanSync,
            new ScanSync { Scans = [new ScanSyncItem { ScanId = left.ScanId, Attempt = 1, LastBatch = 0 }] },
            CancellationToken.None);

        await pair.LoggedAsync(entry => entry.Event == "UploadInterrupted"
            && entry.Message.Contains("has no batch", StringComparison.Ordinal));
        await channel.DisposeAsync();
        await pair.StopEngineAsync();
    }

    private static async Task BeginAsync(PeerChannel channel)
    {
        await channel.AskAsync<ScanSyncReply>(Methods.ScanSync, new ScanSync { Scans = [] }, CancellationToken.None);
        await channel.AskAsync<Done>(Methods.ScanStart, Start(Guid.NewGuid()), CancellationToken.None);
    }

    private static ValueTask AnswerAsync(
        ChannelStream stream, ScanDataMessage message, BatchOutcome outcome, CancellationToken token) =>
        ScanDataWriter.WriteAcknowledgementAsync(
            stream, new BatchAcknowledgement(message.ScanId, message.Attempt, message.Batch.Number, outcome), token);

    private static async Task<ScanDataMessage> LastAsync(PlayedConsole console)
    {
        while (true)
        {
            if (await console.TakeAsync() is { Batch.Final: not null } last)
            {
                return last;
            }
        }
    }

    /// <summary>Two seconds of sixty ports.</summary>
    internal static ScanStart Start(Guid scanId) => new()
    {
        ScanId = scanId,
        Attempt = 1,
        Targets = ["127.0.0.1"],
        Ports = "2001-2060",
        TimeoutMs = 1000,
        Parallelism = 4,
        MaxRate = 30,
        BannerTimeoutMs = 0,
    };
}
