using System.Net;

namespace ScanEngineAdmin.Domain.Scans;

/// <summary>One port of one target.</summary>
/// <param name="Unit">Target index times port count plus port index: one number per scan, so that none counts
/// twice.</param>
/// <param name="Target">The address, or the host name as it was asked for.</param>
/// <param name="Port">1 to 65535.</param>
/// <param name="State">What it answered.</param>
/// <param name="RoundTrip">From the connection attempt to the answer; null for a silent one.</param>
/// <param name="Banner">What an open port said first, unprintable bytes escaped; null if it said nothing in
/// time.</param>
internal sealed record Finding(long Unit, string Target, int Port, PortState State, TimeSpan? RoundTrip, string? Banner)
{
    /// <summary>
    /// The address that was scanned for a host name; null where the target is one, and from an engine of an earlier version.
    /// </summary>
    public string? Resolved { get; init; }

    /// <summary>When it answered, or was given up, by the engine's clock; null from an earlier version.</summary>
    public DateTimeOffset? Found { get; init; }

    /// <summary>The part of a pool's scan that found it, by the store's number.</summary>
    public long? Part { get; init; }

    /// <summary>The address that was scanned, where it is known.</summary>
    public string? Address => Resolved ?? (IPAddress.TryParse(Target, out _) ? Target : null);
}
