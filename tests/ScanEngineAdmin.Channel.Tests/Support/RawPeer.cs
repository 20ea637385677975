using System.Buffers.Binary;
using ScanEngineAdmin.Channel.Wire;

namespace ScanEngineAdmin.Channel.Tests.Support;

/// <summary>A peer that writes whatever frames a test wants, right or wrong.</summary>
internal sealed class RawPeer : IAsyncDisposable
{
    private readonly MemoryLink _link;
    private readonly ChannelRuntime _runtime;

    public RawPeer(bool dialled, ChannelOptions? options = null)
    {
        (MemoryLink left, _link) = MemoryLink.Pair();
        _runtime = new ChannelRuntime(options ?? ChannelOptions.Default);
        Channel = new PeerChannel(left, TestPeer.Info(dialled), Handler, _runtime);
        Channel.Start();
    }

    public TestPeer Handler { get; } = new();

    public PeerChannel Channel { get; }

    public static byte[] Frame(FrameKind kind, uint id, params byte[] payload)
    {
        byte[] frame = new byte[FrameHeader.Size + payload.Length];
        new FrameHeader(payload.Length, kind, id).Write(frame);
        payload.CopyTo(frame, FrameHeader.Size);
        return frame;
    }

    public static byte[] U32(uint value)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }

    public ValueTask SendAsync(params byte[] bytes) => _link.WriteAsync(bytes);

    public void End() => _link.Dispose();

    /// <summary>The next frame that is not of the heartbeat.</summary>
    public Task<(FrameHeader Header, byte[] Payload)> ReceiveAsync() => ReceiveAsync(kind => kind != FrameKind.Ping);

    /// <summary>The bytes of the next ping, whatever comes before it.</summary>
    public async Task<byte[]> ReceivePingAsync() => (await ReceiveAsync(kind => kind == FrameKind.Ping)).Payload;

    /// <summary>The next frame of such a kind.</summary>
    public async Task<(FrameHeader Header, byte[] Payload)> ReceiveAsync(Predicate<FrameKind> wanted)
    {
        while (true)
        {
            byte[] head = new byte[FrameHeader.Size];
            await _link.ReadExactlyAsync(head).AsTask().WaitAsync(Wait.Bound);
            Assert.True(FrameHeader.TryRead(head, ChannelProtocol.MaxPayload, out FrameHeader header, out _));
            byte[] payload = new byte[header.Length];
            await _link.ReadExactlyAsync(payload).AsTask().WaitAsync(Wait.Bound);
            if (wanted(header.Kind))
            {
                return (header, payload);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        _link.Cut();
        await Channel.DisposeAsync().AsTask().WaitAsync(Wait.Bound);
        _runtime.Dispose();
    }
}
