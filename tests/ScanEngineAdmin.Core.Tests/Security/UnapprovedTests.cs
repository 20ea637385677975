using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Tests.EndToEnd;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;

namespace ScanEngineAdmin.Core.Tests.Security;

/// <summary>A peer whose key is known and whose pairing nobody has completed: the key alone lets nobody in.</summary>
[Trait("Speed", "Slow")]
public sealed class UnapprovedTests
{
    [Fact]
    public async Task A_console_that_waits_for_its_approval_is_told_to_wait_and_not_let_in()
    {
        const CommunicationDirection way = CommunicationDirection.ConsoleToEngine;
        await using NodePair pair = await NodePair.ActiveAsync(way);
        await pair.StopConsoleAsync();
        await pair.UntilEngineAsync(now => !now.Connected);
        pair.Engine.Store.UpdateConsole(pair.PairingId, console => console with { State = ConsoleState.Pending });
        await using PlayedConsole waiting = PlayedConsole.Start(pair, way);

        ChannelException refused = await Assert.ThrowsAsync<ChannelException>(waiting.OpenAsync);

        Assert.Equal(RefusalCode.Pending, refused.Refusal?.Code);
        Assert.Equal((ConsoleState.Pending, false), (pair.AtEngine.State, pair.AtEngine.Connected));
    }

    [Fact]
    public async Task An_engine_that_waits_for_its_approval_is_told_to_wait_and_not_let_in()
    {
        const CommunicationDirection way = CommunicationDirection.EngineToConsole;
        await using NodePair pair = await NodePair.ActiveAsync(way);
        await pair.StopEngineAsync();
        pair.Console.Store.UpdateEngine(pair.PairingId, engine => engine with { State = EngineState.Registered });

        ChannelException refused = await Assert.ThrowsAsync<ChannelException>(
            () => PlayedEngine.StartAsync(pair, way, terms: true, (_, _) => []));

        // Not Revoked, which an engine takes for the end of its pairing.
        Assert.Equal(RefusalCode.Pending, refused.Refusal?.Code);
        Assert.False(pair.ConsoleNode!.Links.Find(pair.PairingId)?.Channels.Any == true);
    }
}
