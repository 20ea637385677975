using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Scanning.Plan;

namespace ScanEngineAdmin.Core.Tests.EndToEnd;

/// <summary>
/// While a direction changes there are two channels, and the engine sends scan data over the one that was reconciled
/// last: the console must know which one that is.
/// </summary>
[Trait("Speed", "Slow")]
public sealed class ReconcilingTests
{
    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_change_that_goes_back_to_the_channel_before_reconciles_it_anew(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        await pair.StopEngineAsync();
        await using TwoWayEngine engine = await TwoWayEngine.StartAsync(pair, way);
        using var targets = new ScanTargets();
        pair.Console.Scans.Add(pair.PairingId, targets.Short);
        PeerChannel before = await engine.ReconciledAsync();
        Assert.Equal(way == CommunicationDirection.EngineToConsole, before.Peer.Dialled);

        Task change = pair.ChangeAsync(Ways.Other(way));
        PeerChannel after = await engine.ReconciledAsync();
        Assert.NotSame(before, after);
        await after.DisposeAsync();

        Assert.Same(before, await engine.ReconciledAsync());
        engine.Acknowledge();
        await change;
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task Two_channels_have_one_stream_of_scan_data_and_one_order(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        await pair.StopEngineAsync();
        await using TwoWayEngine engine = await TwoWayEngine.StartAsync(pair, way);
        using var targets = new ScanTargets();
        ScanRecord scan = pair.Console.Scans.Add(pair.PairingId, targets.Short);
        PeerChannel before = await engine.ReconciledAsync();
        Task change = pair.ChangeAsync(Ways.Other(way));
        PeerChannel after = await engine.ReconciledAsync();
        await pair.UntilScanAsync(scan.ScanId, now => now.State == ScanState.Dispatched);
        ScanPlan plan = ScanPlan.Create(scan.Request);

        await using ChannelStream first = await before.OpenStreamAsync(Methods.ScanDataStream, default, default);
        Assert.Equal(BatchOutcome.Stored, await SendAsync(first, PlayedEngine.Batch(plan, 1, 0, 2)));
        await using ChannelStream second = await after.OpenStreamAsync(Methods.ScanDataStream, default, default);
        Assert.Equal(BatchOutcome.Duplicate, await SendAsync(second, PlayedEngine.Batch(plan, 1, 0, 2)));
        Assert.Equal(BatchOutcome.Stored, await SendAsync(second, PlayedEngine.Batch(plan, 2, 2, 3)));

        ChannelException over = await Assert.ThrowsAsync<ChannelException>(
            () => new ScanDataReader(first).ReadAcknowledgementAsync(default).AsTask().WaitAsync(NodePair.Patience));
        Assert.Equal((int)RequestCode.Busy, over.PeerCode);
        Assert.Equal(3, pair.Console.Store.GetScan(scan.ScanId)!.FindingCount);
        engine.Acknowledge();
        await change;

        async Task<BatchOutcome> SendAsync(ChannelStream stream, ScanBatch batch)
        {
            await ScanDataWriter.WriteBatchAsync(stream, scan.ScanId, 1, batch, default);
            return (await new ScanDataReader(stream).ReadAcknowledgementAsync(default).AsTask()
                .WaitAsync(NodePair.Patience))!.Outcome;
        }
    }
}
