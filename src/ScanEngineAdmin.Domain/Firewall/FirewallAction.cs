namespace ScanEngineAdmin.Domain.Firewall;

/// <summary>What a node may ask of its host's firewall applier for one change of direction, and nothing else.</summary>
internal enum FirewallAction
{
    /// <summary>The way in force and the way the change leads to are both let through.</summary>
    Open,

    /// <summary>Exactly what the direction in force needs is let through, however the change ended.</summary>
    Close,
}
