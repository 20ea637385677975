using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Core.Tests.EndToEnd;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Scans;

namespace ScanEngineAdmin.Core.Tests.Security;

/// <summary>Of an engine's streams of scan data a console reads one.</summary>
[Trait("Speed", "Slow")]
public sealed class OneStreamTests
{
    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_newer_stream_of_scan_data_takes_over_and_the_older_one_is_reset(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        await pair.StopEngineAsync();
        await using PlayedEngine engine = await PlayedEngine.StartAsync(pair, way, terms: true, (_, _) => []);
        PeerChannel channel = await engine.OpenedAsync();
        await using ChannelStream older = await AnsweredAsync(channel);

        await using ChannelStream newer = await AnsweredAsync(channel);

        ChannelException reset = await Assert.ThrowsAsync<ChannelException>(
            () => older.ReadAsync(new byte[1], default).AsTask().WaitAsync(NodePair.Patience));
        Assert.Equal((ChannelFault.StreamReset, (int)RequestCode.Busy), (reset.Fault, reset.PeerCode));
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_stream_that_its_engine_ends_is_ended_by_the_console_as_well(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        await pair.StopEngineAsync();
        await using PlayedEngine engine = await PlayedEngine.StartAsync(pair, way, terms: true, (_, _) => []);
        await using ChannelStream stream = await AnsweredAsync(await engine.OpenedAsync());

        await stream.CompleteWritingAsync(default);

        Assert.Equal(0, await stream.ReadAsync(new byte[1], default).AsTask().WaitAsync(NodePair.Patience));
    }

    /// <summary>The console reads it: what it sent of a scan that nobody asked for was answered.</summary>
    private static async Task<ChannelStream> AnsweredAsync(PeerChannel channel)
    {
        ChannelStream stream = await channel.OpenStreamAsync(Methods.ScanDataStream, default, default);
        var batch = new ScanBatch { Number = 1, Cursor = 0, TargetsTotal = 1, TargetsDone = 0, Findings = [] };
        await ScanDataWriter.WriteBatchAsync(stream, Guid.NewGuid(), 1, batch, default);
        BatchAcknowledgement? answer = await new ScanDataReader(stream).ReadAcknowledgementAsync(default).AsTask()
            .WaitAsync(NodePair.Patience);
        Assert.Equal(BatchOutcome.Fenced, answer?.Outcome);
        return stream;
    }
}
