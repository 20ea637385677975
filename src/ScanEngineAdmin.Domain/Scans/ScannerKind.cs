namespace ScanEngineAdmin.Domain.Scans;

/// <summary>What makes the connections of a scan.</summary>
public enum ScannerKind
{
    /// <summary>The engine's own scanner: TCP connects, and what an open port says first.</summary>
    Connect,

    /// <summary>nmap on the engine's host, with the detection of services and their versions.</summary>
    Nmap,
}
