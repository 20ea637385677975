namespace ScanEngineAdmin.Core.Diagnosis;

/// <summary>
/// What stops the way, or that nothing does. A side is blamed for a drop or a reject only when both ends were asked;
/// from one end that is <see cref="Unknown"/>, never a guess.
/// </summary>
public enum FirewallVerdict
{
    /// <summary>What was seen allows no verdict; the detail says what is lacking.</summary>
    Unknown,

    Ok,

    /// <summary>The dialling host's own filter.</summary>
    DialerOutbound,

    /// <summary>Something between the two hosts.</summary>
    Path,

    /// <summary>The dialled host's own filter.</summary>
    ListenerInbound,

    /// <summary>The dialled host has nothing on that port that could be reached.</summary>
    NotListening,

    /// <summary>No host answers at that address.</summary>
    HostAbsent,

    NameNotResolved,

    /// <summary>Something else than a node answers.</summary>
    WrongService,

    TlsInterception,

    /// <summary>A node answers, but not the expected one.</summary>
    WrongPeer,

    /// <summary>The right node answers, but does not have this one: not paired, pending, denied.</summary>
    NotAuthorized,

    /// <summary>The other side has to dial.</summary>
    WrongDirection,

    VersionMismatch,

    /// <summary>Connections open and small packets pass, large ones are lost without a word.</summary>
    PathMtu,
}
