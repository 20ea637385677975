namespace ScanEngineAdmin.Domain.Scans;

/// <summary>
/// Which of the scans that wait for one engine is started first. A running scan is never interrupted for another.
/// </summary>
public enum ScanPriority
{
    Low,
    Normal,
    High,
}
