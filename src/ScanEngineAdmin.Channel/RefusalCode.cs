namespace ScanEngineAdmin.Channel;

/// <summary>Why an acceptor refuses. The numbers are on the wire: never reuse one.</summary>
public enum RefusalCode
{
    /// <summary>A code of a newer peer that this version does not know; the text still says why.</summary>
    Unspecified = 0,

    /// <summary>The peer is not paired here.</summary>
    NotPaired = 1,

    /// <summary>An admin on the refusing side has still to approve.</summary>
    Pending = 2,

    /// <summary>An admin denied this peer.</summary>
    Denied = 3,

    /// <summary>The pairing was revoked or unregistered.</summary>
    Revoked = 4,

    /// <summary>No protocol version in common.</summary>
    Incompatible = 5,

    /// <summary>This pairing's direction is the other one: this peer is not the one to dial.</summary>
    WrongDirection = 6,

    /// <summary>A console dialled a console, or an engine an engine.</summary>
    WrongRole = 7,

    /// <summary>Too many handshakes at once; come back later.</summary>
    Busy = 8,

    /// <summary>The secret is not one this node made, or the proof failed.</summary>
    SecretWrong = 9,

    SecretExpired = 10,

    SecretRevoked = 11,

    /// <summary>A single-use secret was used by another node.</summary>
    SecretUsed = 12,

    /// <summary>The secret is bound to an engine of another name.</summary>
    SecretBound = 13,

    /// <summary>The node id is known here with another key.</summary>
    IdentityConflict = 14,

    /// <summary>Another engine of this name is paired here.</summary>
    NameInUse = 15,

    /// <summary>A newer connection of the same node took over.</summary>
    Superseded = 16,

    /// <summary>This node is stopping.</summary>
    Stopping = 17,

    /// <summary>The first frame is not one this node can answer.</summary>
    BadHello = 18,

    /// <summary>The certificate is not a well-formed ECDSA P-256 certificate.</summary>
    BadCertificate = 19,
}
