namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <summary>What a host's filter does with a connection.</summary>
internal enum RehearsalVerdict
{
    /// <summary>It cannot be known; the reason says why.</summary>
    Unknown,

    /// <summary>It passes, and so does the answer.</summary>
    Open,

    /// <summary>The sender is told that it may not.</summary>
    Rejected,

    /// <summary>It vanishes, or its answer does.</summary>
    Dropped,
}
