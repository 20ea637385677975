using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Tests.EndToEnd;
using ScanEngineAdmin.Core.Tests.Nodes;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Core.Tests.Certificates;

/// <summary>
/// The pairing's key changes under an open channel, as it does when a channel of the old key comes in after the
/// replacement was settled over a newer one.
/// </summary>
[Trait("Speed", "Slow")]
public sealed class ReplacedKeyTests
{
    private static readonly Fingerprint Another = Fingerprint.Parse(new string('d', 64));

    [Theory, MemberData(nameof(Rotation.All), MemberType = typeof(Rotation))]
    public async Task A_channel_of_another_key_is_closed_and_the_pairing_goes_on(
        CommunicationDirection way, NodeRole replaces)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        IReadOnlyList<Fingerprint> pins = replaces == NodeRole.Console ? pair.AtEngine.Pins : pair.AtConsole.Pins;

        Pin(pair, replaces, [Another]);
        await pair.LoggedAsync(entry => entry.Event == "ChannelClosed"
            && entry.Message.Contains("This side closed", StringComparison.Ordinal));
        Pin(pair, replaces, pins);

        await pair.ActiveAsync();
        using var targets = new ScanTargets();
        await targets.RunAsync(pair);
        Assert.Equal((EngineState.Paired, ConsoleState.Paired), (pair.AtConsole.State, pair.AtEngine.State));
        Assert.DoesNotContain(pair.Log, entry => entry.Event == "PairingEnded");
    }

    [Fact]
    public async Task A_key_that_is_replaced_before_the_consoles_first_look_at_the_engine_is_not_let_stay()
    {
        await using NodePair pair = await NodePair.ActiveAsync(CommunicationDirection.EngineToConsole);
        await pair.StopConsoleAsync();
        using var look = new ManualResetEventSlim();
        var stores = new WatchedStores
        {
            OnConsole = (member, _) =>
            {
                if (member == nameof(IConsoleStore.ListEngines))
                {
                    Assert.True(look.Wait(NodePair.Patience));
                }
            },
        };
        pair.NodeStores = stores;
        pair.Log.Clear();
        try
        {
            await pair.StartConsoleAsync();
            await pair.LoggedAsync(static entry => entry.Event == "ChannelOpened"
                && entry.Message.Contains("to engine", StringComparison.Ordinal));

            Pin(pair, NodeRole.Engine, [Another]);
        }
        finally
        {
            look.Set();
        }

        await pair.LoggedAsync(static entry => entry.Event == "ChannelClosed"
            && entry.Message.Contains("This side closed", StringComparison.Ordinal));
    }

    private static void Pin(NodePair pair, NodeRole replaces, IReadOnlyList<Fingerprint> pins)
    {
        if (replaces == NodeRole.Console)
        {
            pair.Engine.Store.UpdateConsole(pair.PairingId, console => console with { Pins = pins });
        }
        else
        {
            pair.Console.Store.UpdateEngine(pair.PairingId, engine => engine with { Pins = pins });
        }
    }
}
