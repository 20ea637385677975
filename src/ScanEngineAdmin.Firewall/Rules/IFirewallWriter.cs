using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Firewall.Rules;

/// <summary>
/// Says a rule in one provider's terms: as lines for people to paste and for scripts, and as calls for the applier.
/// Both are made of the same arguments. It runs nothing.
/// </summary>
internal interface IFirewallWriter
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

    /// <summary>The calls that open. The caller has looked before: they do not ask whether it is there.</summary>
    IReadOnlyList<ToolCall> OpenCalls(FirewallRule rule, string engineName);

    /// <summary>The calls that take away a rule that was found and is ours.</summary>
    IReadOnlyList<ToolCall> CloseCalls(InstalledFirewallRule installed);
}
