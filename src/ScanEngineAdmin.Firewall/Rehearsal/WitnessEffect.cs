namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <summary>What a rule does that may or may not apply.</summary>
internal enum WitnessEffect
{
    /// <summary>It counts or logs: whether it applies makes no difference.</summary>
    None,

    Accept,
    Deny,

    /// <summary>It leads back from its chain.</summary>
    Return,

    /// <summary>It leads elsewhere, or changes what later rules see.</summary>
    Other,
}
