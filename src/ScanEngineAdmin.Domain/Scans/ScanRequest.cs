namespace ScanEngineAdmin.Domain.Scans;

/// <summary>What to scan and how: the scan instructions, as they go over the wire.</summary>
internal sealed record ScanRequest
{
    /// <summary>
    /// Addresses, ranges (10.0.0.1-10.0.0.9, 10.0.0.1-9, 10.0-3.0.1-254, 10.0.*.1), CIDR blocks and host names, one
    /// or many in a text.
    /// </summary>
    public required IReadOnlyList<string> Targets { get; init; }

    /// <summary>
    /// What is left out of them, in the same forms. A host name takes out the target of that name and, as the engine
    /// looks it up, all its addresses.
    /// </summary>
    public IReadOnlyList<string> Exclude { get; init; } = [];

    /// <summary>Ports and ranges in ascending order without overlap, as "22,80,8000-8100".</summary>
    public required string Ports { get; init; }

    /// <summary>How long one port may take to answer before it counts as filtered.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Connection attempts under way at once.</summary>
    public int Parallelism { get; init; } = 256;

    /// <summary>Connection attempts started per second; 0 for no limit but the engine's own.</summary>
    public int MaxRate { get; init; }

    /// <summary>How long an open port may take to say something first.</summary>
    public TimeSpan BannerTimeout { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>What scans.</summary>
    public ScannerKind Scanner { get; init; }
}
