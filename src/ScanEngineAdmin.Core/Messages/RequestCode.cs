namespace ScanEngineAdmin.Core.Messages;

/// <summary>Codes of refused requests on the wire. Never reuse a number.</summary>
internal enum RequestCode
{
    Unspecified = 0,
    Malformed = 1,
    UnknownMethod = 2,

    /// <summary>The engine's target policy, or a limit of the engine, forbids the scan.</summary>
    ScanRefused = 3,

    /// <summary>The message belongs to an earlier epoch or to a change that is not the one in doubt.</summary>
    Stale = 4,

    /// <summary>The new way cannot be opened (port in use, no address).</summary>
    WayNotOpened = 5,

    /// <summary>The store of the answering side did not take it; it may be sent again.</summary>
    StoreFault = 6,

    /// <summary>A probe to an address that is not the asking peer's own, or while others are under way.</summary>
    ProbeRefused = 7,

    /// <summary>The peer has as many of this open as it may have at once.</summary>
    Busy = 8,

    /// <summary>The announced key is not taken: its proof does not hold, or it is another node's.</summary>
    CertificateRefused = 9,
}
