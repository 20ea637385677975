namespace ScanEngineAdmin.Core.Diagnosis;

/// <summary>The stages of a reachability test, in their order.</summary>
public enum FirewallStage
{
    /// <summary>The name resolves.</summary>
    Name,

    /// <summary>This host has a way to the address, and from which of its own.</summary>
    Route,

    /// <summary>What this host's own filter does with the connection, as far as it may be read.</summary>
    LocalRule,

    /// <summary>Whether this host listens, where it is the one that is dialled.</summary>
    LocalListener,

    Connect,

    /// <summary>What speaks first at the other end, and in which protocol.</summary>
    FirstBytes,

    Tls,

    /// <summary>Whether the other end is the expected node.</summary>
    Identity,

    /// <summary>A protocol version in common.</summary>
    Version,

    /// <summary>There and back through the whole channel; only this is success.</summary>
    RoundTrip,

    /// <summary>Whether packets of full size pass as the small ones do.</summary>
    PathMtu,

    /// <summary>What the other end sees of the way, where it could be asked.</summary>
    OtherEnd,
}
