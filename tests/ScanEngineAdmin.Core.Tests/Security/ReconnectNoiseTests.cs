using System.Net;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Certificates;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Core.Tests.EndToEnd;
using ScanEngineAdmin.Domain.Directions;

namespace ScanEngineAdmin.Core.Tests.Security;

/// <summary>A paired peer that connects without end: what it writes into the log of the other is bounded.</summary>
[Trait("Speed", "Slow")]
public sealed class ReconnectNoiseTests
{
    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_paired_peer_that_reconnects_without_end_does_not_fill_the_log(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        bool console = way == CommunicationDirection.ConsoleToEngine;
        (IPEndPoint at, Fingerprint pin) = console
            ? (pair.EngineNode!.EndPoint!, pair.EngineNode.Fingerprint)
            : (pair.ConsoleNode!.EndPoint, pair.ConsoleNode.Fingerprint);
        await (console ? pair.StopConsoleAsync() : pair.StopEngineAsync());
        (Guid id, NodeIdentity identity) = IdentityFile.LoadOrCreate(
            console ? pair.ConsoleFolder.Console : pair.EngineFolder.Engine, TimeProvider.System);
        using NodeIdentity own = identity;
        using var runtime = new ChannelRuntime(NodePair.Patient);
        var dialler = new ChannelDialer(identity, runtime);
        var hello = new PeerHello
        {
            Role = console ? NodeRole.Console : NodeRole.Engine,
            NodeId = id,
            BootId = Guid.NewGuid(),
            Properties = new HelloFacts { PairingId = pair.PairingId, Direction = way, Epoch = 0 }.ToProperties(),
        };

        var lasts = new Dictionary<string, TaskCompletionSource>
        {
            ["ChannelOpened"] = new(TaskCreationOptions.RunContinuationsAsynchronously),
            ["ChannelClosed"] = new(TaskCreationOptions.RunContinuationsAsynchronously),
        };
        pair.Logged = entry =>
        {
            if (entry.Message.Contains("no more lines like this", StringComparison.Ordinal))
            {
                lasts.GetValueOrDefault(entry.Event)?.TrySetResult();
            }
        };

        // Not each connection becomes a line: a node lets in so many at once, and looks at none that is gone by then.
        var all = Task.WhenAll(lasts.Values.Select(last => last.Task));
        using var patience = new CancellationTokenSource(NodePair.Patience);
        for (int more = 20; more > 0; more -= all.IsCompleted ? 1 : 0)
        {
            patience.Token.ThrowIfCancellationRequested();
            try
            {
                await using PeerChannel channel = await dialler.OpenChannelAsync(
                    new DialTarget($"{at.Address}", at.Port, [pin]), hello, new Silent(), CancellationToken.None)
                    .WaitAsync(NodePair.Patience);
                await channel.PingAsync(CancellationToken.None).WaitAsync(NodePair.Patience);
            }
            catch (ChannelException e) when (e.Refusal?.Code is RefusalCode.Busy or RefusalCode.Superseded)
            {
                // Faster than the node takes channels in, or the one before was taken in after this one.
            }
        }

        foreach (string name in lasts.Keys)
        {
            // The pair's own channels are in it too, at both ends.
            int lines = pair.Log.Count(entry => entry.Event == name);
            Assert.InRange(lines, BoundedLog.LinesPerKind, BoundedLog.LinesPerKind + 10);
        }
    }

    private sealed class Silent : IPeerHandler
    {
        public ValueTask<ReadOnlyMemory<byte>> OnRequestAsync(
            PeerChannel channel, ushort method, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
            new(new byte[2]);

        public Task OnStreamAsync(PeerChannel channel, ChannelStream stream, CancellationToken cancellationToken) =>
            Task.CompletedTask;
    }
}
