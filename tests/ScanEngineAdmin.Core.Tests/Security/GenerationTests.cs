using System.Globalization;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Certificates;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Core.Tests.EndToEnd;
using ScanEngineAdmin.Domain.Directions;

namespace ScanEngineAdmin.Core.Tests.Security;

[Trait("Speed", "Slow")]
public sealed class GenerationTests
{
    [Fact]
    public async Task Of_copies_of_a_console_that_come_at_once_the_latest_is_remembered()
    {
        const int atOnce = 8;
        await using NodePair pair = await NodePair.ActiveAsync(CommunicationDirection.ConsoleToEngine);
        await pair.StopConsoleAsync();
        (Guid id, NodeIdentity identity) =
            IdentityFile.LoadOrCreate(pair.ConsoleFolder.Console, TimeProvider.System);
        using NodeIdentity own = identity;
        using var runtime = new ChannelRuntime(NodePair.Patient);
        var dialler = new ChannelDialer(identity, runtime);
        var target = new DialTarget(
            $"{pair.EngineNode!.EndPoint!.Address}", pair.EngineNode.EndPoint.Port, [.. pair.AtConsole.Pins]);
        for (int round = 1; round <= 25; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, atOnce).Select(i => ComeAsync((round * atOnce) - i)));
            string latest = (round * atOnce).ToString(CultureInfo.InvariantCulture);
            await pair.UntilEngineStoreAsync(
                () => pair.Engine.Store.GetSetting($"generation.{pair.PairingId:D}") ?? string.Empty,
                remembered => remembered == latest);
        }

        async Task ComeAsync(int generation)
        {
            var hello = new PeerHello
            {
                Role = NodeRole.Console,
                NodeId = id,
                BootId = Guid.NewGuid(),
                Properties = new HelloFacts { Generation = generation }.ToProperties(),
            };
            try
            {
                await using PeerChannel channel = await dialler
                    .OpenChannelAsync(target, hello, new Silent(), CancellationToken.None).WaitAsync(NodePair.Patience);
            }
            catch (ChannelException e) when (
                e.Refusal?.Code is RefusalCode.IdentityConflict or RefusalCode.Superseded)
            {
                // An earlier copy, or a later channel that took over: it was judged all the same.
            }
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
