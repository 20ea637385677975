using ScanEngineAdmin.Channel.Tests.Support;
using ScanEngineAdmin.Channel.Wire;

namespace ScanEngineAdmin.Channel.Tests;

public sealed class ViolationTests
{
    public static TheoryData<bool, string, string> Wrong()
    {
        var data = new TheoryData<bool, string, string>();
        foreach (bool dialled in new[] { true, false })
        {
            foreach (string what in Frames(dialled).Keys)
            {
                data.Add(dialled, what, Frames(dialled)[what].Named);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task A_frame_that_the_protocol_does_not_allow_ends_the_channel_and_is_named(
        bool dialled, string what, string named)
    {
        await using var raw = new RawPeer(dialled, new ChannelOptions { InitialWindow = 4096, MaxRequestsIn = 1 });
        raw.Handler.OnRequest = async (_, _, _, token) =>
        {
            await Task.Delay(Timeout.Infinite, token);
            return default;
        };
        raw.Handler.OnStream = (_, _, token) => Task.Delay(Timeout.Infinite, token);

        foreach (byte[] frame in Frames(dialled)[what].Bytes)
        {
            await raw.SendAsync(frame);
        }

        ChannelException fault = await Wait.EndsWithAsync(raw.Channel, ChannelFault.ProtocolViolation);
        Assert.Contains(named, fault.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Kinds_of_a_newer_version_are_skipped_and_answers_nobody_waits_for_are_ignored(bool dialled)
    {
        await using var raw = new RawPeer(dialled);
        byte[] text = [0, 1, (byte)'x'];

        await raw.SendAsync(RawPeer.Frame((FrameKind)0x80, 7, 1, 2, 3));
        await raw.SendAsync(RawPeer.Frame((FrameKind)0xFF, 0));
        await raw.SendAsync(RawPeer.Frame(FrameKind.Reply, 12345, 1));
        await raw.SendAsync(RawPeer.Frame(FrameKind.Fault, 12345, text));
        await raw.SendAsync(RawPeer.Frame(FrameKind.Cancel, 12345));
        await raw.SendAsync(RawPeer.Frame(FrameKind.Pong, 0, new byte[8]));
        await raw.SendAsync(RawPeer.Frame(FrameKind.Request, 5, 0, 9, 42));
        (FrameHeader header, byte[] payload) = await raw.ReceiveAsync();

        Assert.Equal((FrameKind.Reply, 5u), (header.Kind, header.Id));
        Assert.Equal([42], payload);
        Assert.Null(raw.Channel.Fault);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Frames_that_come_a_byte_at_a_time_are_understood(bool dialled)
    {
        await using var raw = new RawPeer(dialled);

        foreach (byte b in RawPeer.Frame(FrameKind.Request, 5, 0, 9, 42))
        {
            await raw.SendAsync(b);
        }

        (FrameHeader header, byte[] payload) = await raw.ReceiveAsync();
        Assert.Equal((FrameKind.Reply, 5u), (header.Kind, header.Id));
        Assert.Equal([42], payload);
    }

    private static Dictionary<string, (byte[][] Bytes, string Named)> Frames(bool dialled)
    {
        uint theirs = dialled ? 2u : 1u;
        byte[] open = RawPeer.Frame(FrameKind.Open, theirs, 0, 1, 0, 0, 16, 0);
        byte[] end = RawPeer.Frame(FrameKind.End, theirs);
        byte[] request = RawPeer.Frame(FrameKind.Request, 1, 0, 1);
        return new()
        {
            ["unknown kind"] = ([RawPeer.Frame((FrameKind)0x40, 0)], "0x40"),
            ["too long"] = ([[0, 0x40, 1, 0x11, 0, 0, 0, 1]], "16385"),
            ["hello"] = ([RawPeer.Frame(FrameKind.Hello, 0)], "Hello"),
            ["short open"] = ([RawPeer.Frame(FrameKind.Open, theirs, 0, 1)], "opening"),
            ["long open"] = ([RawPeer.Frame(FrameKind.Open, theirs, new byte[6 + 4097])], "opening"),
            ["our id"] = ([RawPeer.Frame(FrameKind.Open, theirs == 1 ? 2u : 1u, new byte[6])], "stream id"),
            ["id zero"] = ([RawPeer.Frame(FrameKind.Open, 0, new byte[6])], "stream id"),
            ["same id"] = ([open, open], "stream id"),
            ["never opened"] = ([RawPeer.Frame(FrameKind.Data, 99, 1)], "stream 99"),
            ["empty data"] = ([open, RawPeer.Frame(FrameKind.Data, theirs)], "empty data"),
            ["beyond credit"] = ([open, RawPeer.Frame(FrameKind.Data, theirs, new byte[4097])], "credit"),
            ["data after end"] = ([open, end, RawPeer.Frame(FrameKind.Data, theirs, 1)], "after its end"),
            ["second end"] = ([open, end, end], "second end"),
            ["end with payload"] = ([open, RawPeer.Frame(FrameKind.End, theirs, 1)], "end frame"),
            ["short credit"] = ([open, RawPeer.Frame(FrameKind.Credit, theirs, 1)], "credit frame"),
            ["no credit"] = ([open, RawPeer.Frame(FrameKind.Credit, theirs, RawPeer.U32(0))], "credit frame"),
            ["all credit"] = ([open, RawPeer.Frame(FrameKind.Credit, theirs, RawPeer.U32(int.MaxValue))], "beyond"),
            ["short reset"] = ([open, RawPeer.Frame(FrameKind.Reset, theirs, 1)], "reset frame"),
            ["short request"] = ([RawPeer.Frame(FrameKind.Request, 1, 0)], "method"),
            ["too many requests"] = ([request, RawPeer.Frame(FrameKind.Request, 2, 0, 1)], "in flight"),
            ["short fault"] = ([RawPeer.Frame(FrameKind.Fault, 1, 0)], "fault frame"),
            ["cancel with payload"] = ([RawPeer.Frame(FrameKind.Cancel, 1, 0)], "cancel frame"),
            ["short ping"] = ([RawPeer.Frame(FrameKind.Ping, 0, 1)], "ping"),
            ["long pong"] = ([RawPeer.Frame(FrameKind.Pong, 0, new byte[9])], "pong"),
            ["short goodbye"] = ([RawPeer.Frame(FrameKind.Goodbye, 0)], "goodbye"),
        };
    }
}
