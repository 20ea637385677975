using System.Net;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Nodes;

namespace ScanEngineAdmin.Core.Console;

/// <summary>How a console runs: every time and limit above the channel's own.</summary>
internal sealed record ConsoleNodeOptions
{
    /// <summary>Where reverse engines reach it. IPv6 any also takes IPv4.</summary>
    public IPEndPoint Listen { get; init; } = new(IPAddress.IPv6Any, WellKnownPorts.Console);

    /// <summary>Name or address that engines are told to dial; else the address they are seen to reach.</summary>
    public string? AdvertisedAddress { get; init; }

    /// <summary>How long finished scans are kept; null leaves it as it was set before (a year at first).</summary>
    public TimeSpan? KeepScans { get; init; }

    public ChannelOptions Channel { get; init; } = ChannelOptions.Default;

    /// <summary>How long past its due time an engine may be before it counts as not responding.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// How old what is shown of an engine that is well may be: ten thousand heartbeats are not written each.
    /// </summary>
    public TimeSpan ContactRefresh { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How often an idle standard engine is probed, with a tenth of jitter.</summary>
    public TimeSpan ProbeInterval { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// How long a reverse engine may be missing until it is looked for by a dial (a restored backup, on either side,
    /// may have both wait for each other), with a tenth of jitter; doubles up to an hour.
    /// </summary>
    public TimeSpan OverdueInterval { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long the channel to a standard engine is kept after its last scan.</summary>
    public TimeSpan Linger { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>First wait after a failed dial; doubles up to <see cref="MaxRetry"/>, jittered.</summary>
    public TimeSpan MinRetry { get; init; } = TimeSpan.FromSeconds(2);

    public TimeSpan MaxRetry { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How often the store is looked at when nobody rings.</summary>
    public TimeSpan StoreCheck { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Dials to standard engines under way at once.</summary>
    public int MaxDials { get; init; } = 64;

    /// <summary>
    /// First rest of a pending change after its change was rolled back; doubles up to <see cref="MaxPendingRetry"/>.
    /// </summary>
    public TimeSpan PendingRetry { get; init; } = TimeSpan.FromMinutes(1);

    public TimeSpan MaxPendingRetry { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Scans running at one engine at once; further ones stay queued.</summary>
    public int MaxScansPerEngine { get; init; } = 4;

    /// <summary>
    /// First rest after the engine lost a scan or its scanner failed; doubles up to <see cref="MaxScanRetry"/>.
    /// </summary>
    public TimeSpan ScanRetry { get; init; } = TimeSpan.FromSeconds(10);

    public TimeSpan MaxScanRetry { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// How long past its deadline an engine may take to stop a scan and deliver; then the console ends it alone.
    /// </summary>
    public TimeSpan DeadlineGrace { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long after an engine's time for a part is over another is given it: for what was on its way to the engine
    /// when the time began, and for clocks that do not go alike.
    /// </summary>
    public TimeSpan LeaseMargin { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// What one step of priority is worth in the queue: a scan goes before those of the next lower one that were
    /// queued up to so long before it, and no scan waits behind one that came later than two steps.
    /// </summary>
    public TimeSpan PriorityStep { get; init; } = TimeSpan.FromHours(1);
}
