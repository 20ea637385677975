using System.Net;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Core.Tests.EndToEnd;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;

namespace ScanEngineAdmin.Core.Tests.Hosts;

/// <summary>
/// One of a pair was updated to another protocol: both ends say so, whoever dials, and all is well when it is back. A
/// newer one of the same protocol says more, and is understood.
/// </summary>
[Trait("Speed", "Slow")]
public sealed class IncompatiblePeerTests
{
    [Fact]
    public async Task An_engine_of_a_newer_protocol_that_dials_is_incompatible_at_the_console_and_is_told_so()
    {
        await using NodePair pair = await NodePair.ActiveAsync(CommunicationDirection.EngineToConsole);
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        pair.Logged = entry =>
        {
            if (entry.Event == "ChannelClosed"
                && entry.Message.StartsWith("Channel to engine", StringComparison.Ordinal))
            {
                gone.TrySetResult();
            }
        };
        await pair.StopEngineAsync();

        // As long as the console has the old channel, that one tells how the engine is.
        await gone.Task.WaitAsync(NodePair.Patience);
        using NewerNode engine = NewerNode.Of(pair.EngineFolder.Engine, NodeRole.Engine);

        ChannelException refused = await Assert.ThrowsAsync<ChannelException>(() => engine.DialAsync(
            pair.ToConsole.EndPoint, pair.ConsoleNode!.Fingerprint, version: 2));

        Assert.Equal((ChannelFault.VersionMismatch, RefusalCode.Incompatible), (refused.Fault, refused.Refusal!.Code));
        EngineRecord seen = await pair.UntilConsoleAsync(now => now.Status == CommunicationStatus.Incompatible);
        Assert.Contains("versions 1 to 1, the peer 2 to 2", seen.StatusDetail, StringComparison.Ordinal);
        await pair.StartEngineAsync();
        await pair.ActiveAsync();
    }

    [Fact]
    public async Task A_console_of_a_newer_protocol_that_dials_is_named_at_the_engine_and_is_told_so()
    {
        await using NodePair pair = await NodePair.ActiveAsync(CommunicationDirection.ConsoleToEngine);
        Fingerprint engine = pair.EngineNode!.Fingerprint;
        await pair.StopConsoleAsync();
        using NewerNode console = NewerNode.Of(pair.ConsoleFolder.Console, NodeRole.Console);

        ChannelException refused = await Assert.ThrowsAsync<ChannelException>(() => console.DialAsync(
            pair.ToEngine.EndPoint, engine, version: 2));

        Assert.Equal((ChannelFault.VersionMismatch, RefusalCode.Incompatible), (refused.Fault, refused.Refusal!.Code));
        await pair.UntilEngineAsync(
            now => now.LastError?.StartsWith("IncompatibleVersion", StringComparison.Ordinal) == true);
        await pair.StartConsoleAsync();
        await pair.ActiveAsync();
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task Who_dials_a_newer_protocol_says_so_and_goes_on_trying(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        bool console = way == CommunicationDirection.ConsoleToEngine;
        using NewerNode newer = console
            ? NewerNode.Of(pair.EngineFolder.Engine, NodeRole.Engine)
            : NewerNode.Of(pair.ConsoleFolder.Console, NodeRole.Console);
        IPAddress host = (console ? pair.EngineNode!.EndPoint! : pair.ConsoleNode!.EndPoint).Address;
        await (console ? pair.StopEngineAsync() : pair.StopConsoleAsync());
        await using (ChannelListener standIn = newer.Listen(new IPEndPoint(host, 0)))
        {
            pair.StandIn = standIn.EndPoint;
            if (console)
            {
                EngineRecord seen = await pair.UntilConsoleAsync(now => now.Status == CommunicationStatus.Incompatible);
                Assert.Contains("2 to 3", seen.StatusDetail, StringComparison.Ordinal);
            }
            else
            {
                ConsoleRecord seen = await pair.UntilEngineAsync(now =>
                    now.LastError?.StartsWith("IncompatibleVersion", StringComparison.Ordinal) == true);
                Assert.Contains("2 to 3", seen.LastError, StringComparison.Ordinal);
            }
        }

        await (console ? pair.StartEngineAsync() : pair.StartConsoleAsync());
        await pair.ActiveAsync();
    }

    [Fact]
    public async Task A_newer_engine_of_the_same_protocol_is_let_in_and_what_it_says_more_is_passed_over()
    {
        await using NodePair pair = await NodePair.ActiveAsync(CommunicationDirection.EngineToConsole);
        await pair.StopEngineAsync();
        using NewerNode engine = NewerNode.Of(pair.EngineFolder.Engine, NodeRole.Engine);

        await using PeerChannel channel = await engine.DialAsync(
            pair.ToConsole.EndPoint,
            pair.ConsoleNode!.Fingerprint,
            version: 1,
            new HelloFacts { PairingId = pair.PairingId, Direction = pair.AtEngine.Direction, Epoch = 0 });

        await channel.PingAsync(CancellationToken.None).WaitAsync(NodePair.Patience);
        Assert.Equal(1, channel.Peer.Version);
    }
}
