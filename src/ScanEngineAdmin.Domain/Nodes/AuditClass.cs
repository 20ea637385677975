namespace ScanEngineAdmin.Domain.Nodes;

/// <summary>
/// On whose account an audit event is: each class is kept by itself, so that none displaces another's.
/// </summary>
internal enum AuditClass
{
    /// <summary>Caused by a paired peer: so many an hour of each pairing, and so many kept of each.</summary>
    Peer,

    /// <summary>Caused by whoever can connect: so many an hour in all.</summary>
    Stranger,

    /// <summary>Who was let in. An admin's secret or approval stands behind each, so no peer makes many of them.</summary>
    Pairing,

    /// <summary>What an admin did, and what became of it.</summary>
    Admin,

    /// <summary>What the console did of a schedule: a run each minute must not push out what admins did.</summary>
    Schedule,
}
