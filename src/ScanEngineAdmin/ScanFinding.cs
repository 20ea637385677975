using System.Globalization;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin;

/// <summary>What a scan found at one port of one target.</summary>
public sealed class ScanFinding
{
    internal ScanFinding(ScanRecord scan, Finding finding, string dataPath)
    {
        ScanId = scan.ScanId;
        EngineName = scan.EngineName;
        Target = finding.Target;
        Address = finding.Address;
        Time = InputParser.Local(finding.Found);
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

    /// <summary>
    /// The address that was scanned: for a host name the one that the engine's host looked up. None where the engine is
    /// of a version that did not say it.
    /// </summary>
    public string? Address { get; }

    /// <summary>When the port answered or was given up, by the engine's clock; none as with the address.</summary>
    public DateTime? Time { get; }

    public int Port { get; }

    public PortState State { get; }

    public TimeSpan? RoundTrip { get; }

    /// <summary>What the port said first, unprintable bytes escaped.</summary>
    public string? Banner { get; }

    /// <summary>The data folder of the console that has it.</summary>
    public string DataPath { get; }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Target} {Port}: {State}");
}
