using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Pipeline;
using ScanEngineAdmin.Scanning.Compare;

namespace ScanEngineAdmin;

/// <summary>What is different in the later one of two scans, at a host or at one of its ports.</summary>
public sealed class EngineScanDifference
{
    internal EngineScanDifference(ScanComparison scans, ScanDifference difference, string dataPath)
    {
        Change = difference.Kind;
        Target = difference.Target;
        Address = difference.After?.Address ?? difference.Before?.Address;
        Port = difference.After?.Port;
        StateBefore = difference.Before?.State;
        State = difference.After?.State;
        BannerBefore = difference.Before?.Banner;
        Banner = difference.After?.Banner;
        Time = InputParser.Local(difference.After?.Found);
        EngineName = scans.Later.EngineName;
        ScanId = scans.Later.ScanId;
        ScanIdBefore = scans.Earlier.ScanId;
        DataPath = dataPath;
    }

    public ScanDifferenceKind Change { get; }

    /// <summary>What was asked for: an address, or a host name.</summary>
    public string Target { get; }

    /// <summary>The address of the target in the later scan, where it is known.</summary>
    public string? Address { get; }

    /// <summary>None where a host came or went.</summary>
    public int? Port { get; }

    /// <summary>What the earlier scan found at the port.</summary>
    public PortState? StateBefore { get; }

    /// <summary>What the later scan found at the port.</summary>
    public PortState? State { get; }

    /// <summary>What the port said first in the earlier scan, unprintable bytes escaped.</summary>
    public string? BannerBefore { get; }

    /// <summary>What the port said first in the later scan.</summary>
    public string? Banner { get; }

    /// <summary>When the later scan saw the port so, by the engine's clock.</summary>
    public DateTime? Time { get; }

    /// <summary>The engine of the later scan.</summary>
    public string EngineName { get; }

    /// <summary>The later scan.</summary>
    public Guid ScanId { get; }

    /// <summary>The earlier scan.</summary>
    public Guid ScanIdBefore { get; }

    /// <summary>The data folder of the console that has both scans.</summary>
    public string DataPath { get; }

    public override string ToString() => Port is null ? $"{Change} {Target}" : $"{Change} {Target}:{Port}";
}
