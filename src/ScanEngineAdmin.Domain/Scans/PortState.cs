namespace ScanEngineAdmin.Domain.Scans;

/// <summary>What a port answered.</summary>
public enum PortState
{
    /// <summary>A connection was made.</summary>
    Open,

    /// <summary>Refused: the host answered that nothing listens there.</summary>
    Closed,

    /// <summary>No answer in time, or a device on the way said no.</summary>
    Filtered,
}
