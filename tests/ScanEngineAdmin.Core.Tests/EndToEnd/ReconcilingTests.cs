using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Directions;

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
}
