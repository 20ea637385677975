using ScanEngineAdmin.Channel.Life;
using ScanEngineAdmin.Channel.Streams;

namespace ScanEngineAdmin.Channel;

/// <summary>
/// What all channels of one node share: options, the one sweep that finds what is overdue, the credit budget.
/// </summary>
public sealed class ChannelRuntime : IDisposable
{
    public ChannelRuntime(ChannelOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Options = options;
        Segments = new SegmentPool();
        Sweep = new ChannelSweep(options.Time, Segments);
        Credit = new CreditBudget(options.CreditBudget);
    }

    public ChannelOptions Options { get; }

    internal ChannelSweep Sweep { get; }

    internal CreditBudget Credit { get; }

    internal SegmentPool Segments { get; }

    internal BusyPlaces BusyReaders { get; } = new(64);

    /// <summary>Ends the sweep; dispose the channels first, for nothing watches over them afterwards.</summary>
    public void Dispose() => Sweep.Dispose();
}
