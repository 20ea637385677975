using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Tests.EndToEnd;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;

namespace ScanEngineAdmin.Core.Tests.Certificates;

/// <summary>A channel of a key that is replaced while the channel comes in, beside one of the key that holds.</summary>
[Trait("Speed", "Slow")]
public sealed class LateChannelTests
{
    private static readonly TimeSpan NeverByItself = TimeSpan.FromHours(1);

    [Theory, MemberData(nameof(Rotation.All), MemberType = typeof(Rotation))]
    public async Task A_channel_of_a_replaced_key_takes_no_other_channels_place(
        CommunicationDirection way, NodeRole replaces)
    {
        await using NodePair pair = await NodePair.ActiveAsync(
            way,
            console => console with { StoreCheck = NeverByItself, Linger = NeverByItself },
            engine => engine with { StoreCheck = NeverByItself });
        await using RekeyedPeer peer = await RekeyedPeer.StartAsync(pair, way, replaces);
        PeerChannel good = await peer.OpenAsync();
        await pair.LoggedAsync("ChannelOpened");

        PeerChannel late = await peer.OpenLateAsync();

        await late.Completion.WaitAsync(NodePair.Patience);
        Assert.Equal(RefusalCode.Unspecified, late.Fault!.Refusal?.Code);
        await good.PingAsync(CancellationToken.None).WaitAsync(NodePair.Patience);
        Assert.Single(pair.Log, entry => entry.Event == "ChannelOpened");
    }

    /// <summary>Nothing is open then, though neither channel was lost by itself.</summary>
    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_console_that_closes_the_channel_for_which_it_gave_up_another_knows_that_the_engine_is_gone(
        CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way, console => console with
        {
            ProbeInterval = NeverByItself,
            Linger = NeverByItself,
            Grace = TimeSpan.FromMilliseconds(100),
            Channel = NodePair.Patient with { HeartbeatInterval = NeverByItself, PeerTimeout = 2 * NeverByItself },
        });
        await using RekeyedPeer peer = await RekeyedPeer.StartAsync(pair, way, NodeRole.Engine);
        PeerChannel good = await peer.OpenAsync();
        await pair.LoggedAsync("ChannelOpened");

        PeerChannel late = await peer.OpenTooLateAsync();

        await good.Completion.WaitAsync(NodePair.Patience);
        await late.Completion.WaitAsync(NodePair.Patience);
        Assert.Equal(
            (RefusalCode.Superseded, RefusalCode.Unspecified),
            (good.Fault!.Refusal!.Code, late.Fault!.Refusal!.Code));
        if (way == CommunicationDirection.ConsoleToEngine)
        {
            await (await peer.OpenAsync()).PingAsync(CancellationToken.None).WaitAsync(NodePair.Patience);
        }
        else
        {
            await pair.UntilConsoleAsync(now => now.Status == CommunicationStatus.NotResponding);
        }
    }
}
