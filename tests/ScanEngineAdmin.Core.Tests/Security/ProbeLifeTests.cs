using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Tests.EndToEnd;
using ScanEngineAdmin.Domain.Directions;

namespace ScanEngineAdmin.Core.Tests.Security;

/// <summary>A probe of a paired peer that does not go: it stays for a minute and not longer, at either node.</summary>
[Trait("Speed", "Slow")]
public sealed class ProbeLifeTests
{
    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_probe_that_stays_is_closed_after_a_minute(CommunicationDirection way)
    {
        var minutes = new HeldTime(TimeSpan.FromMinutes(1));
        await using NodePair pair = await NodePair.ActiveAsync(
            way,
            console => console with { Channel = console.Channel with { Time = minutes } },
            engine => engine with { Channel = engine.Channel with { Time = minutes } });
        using var peer = new DialledPeer(pair, way);
        minutes.Clear();

        await using PeerChannel probe = await peer.OpenAsync(probe: true);
        Assert.True(await minutes.ArmedAsync());
        await probe.PingAsync(CancellationToken.None).WaitAsync(NodePair.Patience);
        minutes.Pass();

        await probe.Completion.WaitAsync(NodePair.Patience);
        Assert.Contains("probe's time is over", probe.Fault!.Refusal!.Text, StringComparison.Ordinal);
    }
}
