namespace ScanEngineAdmin.Firewall.Rules;

/// <summary>What a rule on a host does with what it matches.</summary>
public enum InstalledAction
{
    Allow,

    /// <summary>Drops or rejects.</summary>
    Deny,

    /// <summary>Goes on in another chain, or something that was not understood.</summary>
    Other,
}
