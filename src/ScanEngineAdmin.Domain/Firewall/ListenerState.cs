namespace ScanEngineAdmin.Domain.Firewall;

/// <summary>What a host finds on the port at which it should be dialled.</summary>
internal enum ListenerState
{
    /// <summary>Bound, but whose it is this user may not see.</summary>
    Unknown,

    /// <summary>The node's own.</summary>
    Ours,

    /// <summary>Another process holds the port.</summary>
    Other,

    /// <summary>Nothing listens there.</summary>
    None,

    /// <summary>Bound to loopback only: no other host can reach it.</summary>
    LoopbackOnly,
}
