namespace ScanEngineAdmin.Channel;

/// <summary>What all channels of one node share: options, the one sweep that finds what is overdue, the credit budget.</summary>
public sealed class ChannelRuntime : IDisposable
{
    public ChannelRuntime(ChannelOptions options) => Options = options;

    public ChannelOptions Options { get; }

    public void Dispose()
    {
    }
}
