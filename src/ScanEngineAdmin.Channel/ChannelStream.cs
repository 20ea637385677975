namespace ScanEngineAdmin.Channel;

/// <summary>One of the streams of a channel: bytes in order both ways, each way with its own credit.</summary>
public sealed class ChannelStream : IAsyncDisposable
{
    /// <summary>What the stream is for; of the layer above.</summary>
    public ushort Kind => throw new NotImplementedException();

    /// <summary>What the opener sent with it.</summary>
    public ReadOnlyMemory<byte> Header => throw new NotImplementedException();

    /// <summary>Returns when the bytes are queued and credit was there for them.</summary>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Returns 0 at the end of the stream. Throws StreamReset if the peer gave up.</summary>
    public ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Ends this side's writing; reading goes on.</summary>
    public ValueTask CompleteWritingAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Gives the stream up both ways; the peer's reads and writes throw StreamReset with this code.</summary>
    public void Reset(int code, string text) => throw new NotImplementedException();

    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
