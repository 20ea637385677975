using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Firewall.Trials;

/// <summary>An application that is undone by itself unless it is confirmed.</summary>
internal sealed record FirewallPending
{
    public required string Id { get; init; }

    public required FirewallProvider Provider { get; init; }

    public required DateTimeOffset RollbackAt { get; init; }

    public required IReadOnlyList<string> RuleIds { get; init; }

    /// <summary>What confirming has to run.</summary>
    internal IReadOnlyList<ToolCall> Keep { get; init; } = [];
}
