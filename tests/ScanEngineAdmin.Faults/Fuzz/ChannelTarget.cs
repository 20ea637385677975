using System.Net;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Channel.Wire;

namespace ScanEngineAdmin.Faults.Fuzz;

/// <summary>
/// A live channel whose peer is the fuzzer: it must end, with a fault that the protocol knows, and soon.
/// </summary>
internal static class ChannelTarget
{
    private static readonly ChannelRuntime Runtime = new(ChannelOptions.Default);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public static FuzzTarget Make(int weight) => new(
        "channel",
        weight,
        [
            [
                .. Frame(FrameKind.Open, 1, 0, 1, 0, 0, 16, 0), .. Frame(FrameKind.Data, 1, 1, 2, 3),
                .. Frame(FrameKind.End, 1),
            ],
            [
                .. Frame(FrameKind.Request, 7, 0, 1, 65), .. Frame(FrameKind.Cancel, 7),
                .. Frame(FrameKind.Ping, 0, 1, 2, 3, 4, 5, 6, 7, 8),
            ],
            [
                .. Frame(FrameKind.Open, 3, 0, 2, 0, 0, 0, 0), .. Frame(FrameKind.Credit, 3, 0, 0, 1, 0),
                .. Frame(FrameKind.Reset, 3, 0, 1),
            ],
        ],
        [
            .. Enum.GetValues<FrameKind>().SelectMany(kind => new[]
            {
                Frame(kind, 0), Frame(kind, 1), Frame(kind, 2), Frame(kind, 3, 0, 1),
                Frame(kind, 1, 0, 1, 0, 0, 255, 255), Frame(kind, 5, 127, 255, 255, 255),
                Frame(kind, 1, 1, 2, 3, 4, 5, 6, 7, 8), Frame(kind, 0, new byte[300]),
            }),
        ],
        Run)
    {
        MaxLength = 64 * 1024,
        MaxAllocated = 4 * 1024 * 1024,
    };

    private static byte[] Frame(FrameKind kind, uint id, params byte[] payload)
    {
        byte[] frame = new byte[FrameHeader.Size + payload.Length];
        new FrameHeader(payload.Length, kind, id).Write(frame);
        payload.CopyTo(frame, FrameHeader.Size);
        return frame;
    }

    private static int Run(byte[] input)
    {
        var info = new PeerInfo(
            new PeerHello { Role = NodeRole.Engine, NodeId = Guid.NewGuid(), Name = "fuzz", Product = "0" },
            default,
            new IPEndPoint(IPAddress.Loopback, 1),
            new IPEndPoint(IPAddress.Loopback, 2),
            Dialled: false,
            Version: 1);
        var channel = new PeerChannel(
            new ScriptStream(input, input.Length % 3 == 0 ? 7 : 64 * 1024), info, new Answerer(), Runtime);
        channel.Start();
        if (!channel.Completion.Wait(Patience))
        {
            throw new TimeoutException("The channel does not end after its peer did.");
        }

        ChannelFault fault = channel.Fault!.Fault;
        return fault is ChannelFault.ProtocolViolation or ChannelFault.ConnectionLost or ChannelFault.Closed
                or ChannelFault.SendTimedOut or ChannelFault.LimitReached
            ? FuzzTargets.Outcome(channel.Fault.Message)
            : throw new InvalidOperationException($"The channel ended with {fault}.");
    }

    private sealed class Answerer : IPeerHandler
    {
        public ValueTask<ReadOnlyMemory<byte>> OnRequestAsync(
            PeerChannel channel, ushort method, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
            method % 2 == 1 ? new(body) : throw new PeerRequestException(method, "no");

        public async Task OnStreamAsync(PeerChannel channel, ChannelStream stream, CancellationToken cancellationToken)
        {
            byte[] buffer = new byte[4096];
            while (await stream.ReadAsync(buffer, cancellationToken) > 0)
            {
                await stream.WriteAsync(buffer.AsMemory(0, 16), cancellationToken);
            }
        }
    }
}
