using System.Net;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Scanning.Nmap;

namespace ScanEngineAdmin.Core.Engine;

/// <summary>How an engine runs: every time and limit above the channel's own.</summary>
internal sealed record EngineNodeOptions
{
    /// <summary>Where standard consoles reach it. IPv6 any also takes IPv4.</summary>
    public IPEndPoint Listen { get; init; } = new(IPAddress.IPv6Any, WellKnownPorts.Engine);

    /// <summary>
    /// Whether the engine listens although no pairing asks for it, so that an unknown console can be met and approved.
    /// </summary>
    public bool ListenUnpaired { get; init; } = true;

    /// <summary>
    /// One round for a runbook: every reverse console is polled once, its work is done and delivered, and the node
    /// ends.
    /// </summary>
    public bool Once { get; init; }

    /// <summary>Where nmap is on this host. Throws ScanRefused where it is not.</summary>
    public Func<NmapProgram> FindNmap { get; init; } = NmapProgram.Find;

    public ChannelOptions Channel { get; init; } = ChannelOptions.Default;

    /// <summary>
    /// First wait after a failed poll; doubles up to <see cref="MaxRetry"/>, jittered. Every class of failure waits.
    /// </summary>
    public TimeSpan MinRetry { get; init; } = TimeSpan.FromSeconds(2);

    public TimeSpan MaxRetry { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// Wait after a refusal of trust (not paired, denied, another key): long, but it never ends the poller.
    /// </summary>
    public TimeSpan RefusedRetry { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>How often the store is looked at when nobody rings.</summary>
    public TimeSpan StoreCheck { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Scans of one console held at once, running or not yet delivered. A console runs four; what it starts beyond this
    /// is refused, so that it cannot fill this host's disk or sockets.
    /// </summary>
    public int MaxScansPerConsole { get; init; } = 32;

    /// <summary>Spooled scan data not yet acknowledged; beyond it running scans slow down, nothing is dropped. One
    /// console's share is half of it: one that takes nothing does not stop the others' scans.</summary>
    public long MaxSpool { get; init; } = 1L * 1024 * 1024 * 1024;
}
