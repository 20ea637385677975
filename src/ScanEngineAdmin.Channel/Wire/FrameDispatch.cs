namespace ScanEngineAdmin.Channel.Wire;

/// <summary>Brings every frame to the part it belongs to. Returns what was wrong with it, or null.</summary>
internal sealed class FrameDispatch(PeerChannel channel)
{
    public bool HasSaidGoodbye { get; private set; }

    public string? Take(FrameHeader header, ReadOnlySpan<byte> payload) => header.Kind switch
    {
        FrameKind.Data => channel.Streams.TakeData(header.Id, payload),
        FrameKind.Reply => channel.Requests.TakeReply(header.Id, payload),
        FrameKind.Request => channel.Inbound.TakeRequest(header.Id, payload),
        FrameKind.Credit => channel.Streams.TakeCredit(header.Id, payload),
        FrameKind.Open => channel.Streams.TakeOpen(header.Id, payload),
        FrameKind.End => channel.Streams.TakeEnd(header.Id, payload),
        FrameKind.Reset => channel.Streams.TakeReset(header.Id, payload),
        FrameKind.Fault => channel.Requests.TakeFault(header.Id, payload),
        FrameKind.Cancel => channel.Inbound.TakeCancel(header.Id, payload),
        FrameKind.Ping => channel.Heartbeat.TakePing(payload),
        FrameKind.Pong => channel.Heartbeat.TakePong(payload),
        FrameKind.Goodbye => TakeGoodbye(payload),
        _ when header.IsSkippable => null,
        _ => $"a frame of kind {header.Kind} on an open channel",
    };

    private string? TakeGoodbye(ReadOnlySpan<byte> payload)
    {
        if (!FramePayload.TryReadCode(payload, out ushort number, out string text))
        {
            return "a goodbye without a code";
        }

        HasSaidGoodbye = true;
        RefusalCode code = Enum.IsDefined((RefusalCode)number) ? (RefusalCode)number : RefusalCode.Unspecified;
        channel.PeerClosed(new Refusal(code, text));
        return null;
    }
}
