namespace ScanEngineAdmin.Domain.Firewall;

/// <summary>What a plan does with a rule.</summary>
public enum RuleChange
{
    Add,
    Remove,

    /// <summary>Needed before and after, or still needed by another engine: stays.</summary>
    Keep,
}
