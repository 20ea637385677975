namespace ScanEngineAdmin.Core.Firewall;

/// <summary>
/// Says a rule in one provider's terms. What it writes is for people to paste and for scripts; it runs nothing.
/// </summary>
public interface IFirewallWriter
{
    FirewallProvider Provider { get; }

    /// <summary>
    /// Whether the provider knows a rule only by what it does, and keeps no two alike. Then two pairings with the same
    /// peer address share one rule, and taking it from one takes it from both.
    /// </summary>
    bool KnowsRulesByEffect { get; }

    /// <summary>The command that opens; running it again changes nothing.</summary>
    string Open(FirewallRule rule, string engineName);

    /// <summary>The command that closes what <see cref="Open"/> opened, and nothing else.</summary>
    string Close(FirewallRule rule);
}
