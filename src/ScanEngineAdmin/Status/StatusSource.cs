using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Topology;

namespace ScanEngineAdmin.Status;

/// <summary>What a frame of the status screen is made of, as the console's store had it at one moment.</summary>
internal sealed record StatusSource
{
    /// <summary>The console and its engines, with the drift of the firewall where that was asked for.</summary>
    public required TopologySource Topology { get; init; }

    /// <summary>Scans that run, by engine.</summary>
    public required IReadOnlyDictionary<Guid, int> Running { get; init; }

    /// <summary>Scans that are not finished, those that run first.</summary>
    public required IReadOnlyList<ScanRecord> Scans { get; init; }

    /// <summary>The latest events, the newest first.</summary>
    public required IReadOnlyList<AuditEvent> Events { get; init; }
}
