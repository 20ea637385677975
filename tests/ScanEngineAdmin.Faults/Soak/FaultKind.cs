namespace ScanEngineAdmin.Faults.Soak;

/// <summary>What the soak does to the two ends and to what is between them.</summary>
internal enum FaultKind
{
    /// <summary>Kill -9; started again after a while.</summary>
    Kill,

    /// <summary>SIGTERM, as a service manager ends it; started again after a while.</summary>
    Restart,

    /// <summary>SIGSTOP, and SIGCONT after a while: a machine that was suspended, or swaps.</summary>
    Freeze,

    /// <summary>The host's link goes down.</summary>
    Unplug,

    /// <summary>Nothing passes to or from the host, and nobody is told.</summary>
    Cut,

    /// <summary>Nothing passes to the host; what it sends arrives.</summary>
    DeafOneWay,

    /// <summary>Nothing that the host sends arrives; it hears.</summary>
    MuteOneWay,

    /// <summary>A part of the packets is lost, in both directions.</summary>
    Lossy,

    /// <summary>What goes to the host comes late.</summary>
    Slow,

    /// <summary>A firewall drops the port of the direction that is not in use.</summary>
    OtherPortDropped,

    /// <summary>Both ports are dropped for new connections: who is connected stays so.</summary>
    NoNewConnections,

    /// <summary>The direction is changed, as an admin does it.</summary>
    ChangeDirection,

    /// <summary>A scan is stopped, as an admin does it.</summary>
    StopScan,
}
