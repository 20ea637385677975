namespace ScanEngineAdmin.Domain.Scans;

/// <summary>What is different in the later one of two scans.</summary>
public enum ScanDifferenceKind
{
    /// <summary>A target that answered at no port before answers now.</summary>
    NewHost,

    /// <summary>A target that answered before answers at no port now.</summary>
    GoneHost,

    /// <summary>The port is open now.</summary>
    Opened,

    /// <summary>The port is closed now: its host refuses connections.</summary>
    Closed,

    /// <summary>The port is silent now, or a device on the way says no.</summary>
    Filtered,

    /// <summary>The port is open as before and says something else.</summary>
    BannerChanged,
}
