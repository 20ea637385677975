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

    /// <summary>Each has the memory of a channel; one more has a place when one of them has gone.</summary>
    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task Eight_probes_of_a_pairing_stay_at_once_and_no_ninth(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        using var peer = new DialledPeer(pair, way);
        var probes = new List<PeerChannel>();
        try
        {
            for (int i = 0; i < 8; i++)
            {
                probes.Add(await peer.OpenAsync(probe: true));
                await probes[i].PingAsync(CancellationToken.None).WaitAsync(NodePair.Patience);
            }

            ChannelException full = await Assert.ThrowsAsync<ChannelException>(() => peer.OpenAsync(probe: true));
            Assert.Equal(RefusalCode.Busy, full.Refusal?.Code);
            if (way == CommunicationDirection.EngineToConsole)
            {
                // A console takes down what a channel says before it answers: till then it counts as well.
                full = await Assert.ThrowsAsync<ChannelException>(() => peer.OpenAsync());
                Assert.Equal(RefusalCode.Busy, full.Refusal?.Code);
            }

            await probes[0].DisposeAsync();
            probes[0] = await BecomesFreeAsync();
        }
        finally
        {
            foreach (PeerChannel probe in probes)
            {
                await probe.DisposeAsync();
            }
        }

        // When the node has seen that one is gone, which nothing says.
        async Task<PeerChannel> BecomesFreeAsync()
        {
            using var patience = new CancellationTokenSource(NodePair.Patience);
            while (true)
            {
                patience.Token.ThrowIfCancellationRequested();
                try
                {
                    return await peer.OpenAsync(probe: true);
                }
                catch (ChannelException exception) when (exception.Refusal?.Code == RefusalCode.Busy)
                {
                    await Task.Yield();
                }
            }
        }
    }
}
