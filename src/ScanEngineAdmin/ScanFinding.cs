using System.Net;
using ScanEngineAdmin.Domain.Scans;

namespace ScanEngineAdmin;

/// <summary>What a scan found at one port of one target.</summary>
public sealed class ScanFinding
{
    internal ScanFinding(ScanRecord scan, Finding finding, string dataPath)
    {
        ScanId = scan.ScanId;
        EngineName = scan.EngineName;
        Target = finding.Target;
        Address = IPAddress.TryParse(finding.Target, out _) ? finding.Target : null;
        Port = finding.Port;
        State = finding.State;
        RoundTrip = finding.RoundTrip;
        Banner = finding.Banner;
        DataPath = dataPath;
    }

    public Guid ScanId { get; }

    /// <summary>The engine that found it, by its present name.</summary>
    public string EngineName { get; }

    /// <summary>What was asked for: an address, or a host name.</summary>
    public string Target { get; }

    /// <summary>The address that was scanned; not known of a host name.</summary>
    public string? Address { get; }

    public int Port { get; }

    public PortState State { get; }

    public TimeSpan? RoundTrip { get; }

    /// <summary>What the port said first, unprintable bytes escaped.</summary>
    public string? Banner { get; }

    /// <summary>The data folder of the console that has it.</summary>
    public string DataPath { get; }
}
