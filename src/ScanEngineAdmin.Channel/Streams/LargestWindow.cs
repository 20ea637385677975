namespace ScanEngineAdmin.Channel.Streams;

/// <summary>How far the windows of a channel have grown. A hint only: a lost update costs one round.</summary>
internal sealed class LargestWindow
{
    private int _bytes;

    public int Bytes
    {
        get => Volatile.Read(ref _bytes);
        set => Volatile.Write(ref _bytes, value);
    }
}
