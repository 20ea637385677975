namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <summary>What a host's filter does with a connection.</summary>
internal enum RehearsalVerdict
{
    /// <summary>It cannot be known; the reason says why.</summary>
    Unknown,

    /// <summary>It passes, and so does the answer.</summary>
    Open,

    /// <summary>Refused, and the sender gets an answer that says so.</summary>
    Rejected,

    /// <summary>It vanishes, or its answer does.</summary>
    Dropped,
}
