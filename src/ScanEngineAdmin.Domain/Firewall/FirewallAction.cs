namespace ScanEngineAdmin.Domain.Firewall;

/// <summary>What a node may ask of its host's firewall applier for one pairing, and nothing else.</summary>
internal enum FirewallAction
{
    /// <summary>The way in force and the way the change leads to are both let through.</summary>
    Open,

    /// <summary>Exactly what the direction in force needs is let through, however the change ended.</summary>
    Close,

    /// <summary>
    /// Nothing is changed: what the host's filter does with the ways of the pairing, for a node that may not look.
    /// </summary>
    Look,
}
