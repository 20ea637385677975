using ScanEngineAdmin.Core.Scans;

namespace ScanEngineAdmin;

/// <summary>What a scan found at one port of one target.</summary>
public sealed class ScanFinding
{
    internal ScanFinding(Guid scanId, Finding finding)
    {
        ScanId = scanId;
        Target = finding.Target;
        Port = finding.Port;
        State = finding.State;
        RoundTrip = finding.RoundTrip;
        Banner = finding.Banner;
    }

    public Guid ScanId { get; }

    public string Target { get; }

    public int Port { get; }

    public PortState State { get; }

    public TimeSpan? RoundTrip { get; }

    /// <summary>What the port said first, unprintable bytes escaped.</summary>
    public string? Banner { get; }
}
