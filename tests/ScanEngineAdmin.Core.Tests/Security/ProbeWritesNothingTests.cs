using System.Net;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Certificates;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Core.Tests.EndToEnd;
using ScanEngineAdmin.Domain.Directions;

namespace ScanEngineAdmin.Core.Tests.Security;

/// <summary>
/// A paired peer that only probes the way is judged and let in, and nothing that its hello claims is written down.
/// </summary>
[Trait("Speed", "Slow")]
public sealed class ProbeWritesNothingTests
{
    [Theory]
    [InlineData(CommunicationDirection.ConsoleToEngine)]
    [InlineData(CommunicationDirection.EngineToConsole)]
    public async Task A_probe_is_let_in_and_nothing_that_it_claims_is_written(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        bool asConsole = way == CommunicationDirection.ConsoleToEngine;
        await (asConsole ? pair.StopConsoleAsync() : pair.StopEngineAsync());
        (Guid id, NodeIdentity identity) = IdentityFile.LoadOrCreate(
            asConsole ? pair.ConsoleFolder.Console : pair.EngineFolder.Engine, TimeProvider.System);
        using NodeIdentity own = identity;
        using var runtime = new ChannelRuntime(NodePair.Patient);
        IPEndPoint end = asConsole ? pair.EngineNode!.EndPoint! : pair.ConsoleNode!.EndPoint;
        long epoch = pair.AtConsole.Epoch;
        var hello = new PeerHello
        {
            Role = asConsole ? NodeRole.Console : NodeRole.Engine,
            NodeId = id,
            BootId = Guid.NewGuid(),
            Properties = new HelloFacts
            {
                PairingId = pair.PairingId,
                Probe = true,
                Generation = asConsole ? 7 : null,
                Direction = asConsole ? null : way,
                Epoch = asConsole ? null : epoch + 7,
            }.ToProperties(),
        };

        await using PeerChannel channel = await new ChannelDialer(identity, runtime).OpenChannelAsync(
            new DialTarget($"{end.Address}", end.Port, [.. asConsole ? pair.AtConsole.Pins : pair.AtEngine.Pins]),
            hello,
            new Silent(),
            CancellationToken.None).WaitAsync(NodePair.Patience);
        await channel.PingAsync(CancellationToken.None).WaitAsync(NodePair.Patience);

        Assert.Null(pair.Engine.Store.GetSetting($"generation.{pair.PairingId:D}"));
        Assert.Equal(epoch, pair.AtConsole.Epoch);
        Assert.NotEqual(epoch + 7, pair.AtConsole.ReportedEpoch);
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
