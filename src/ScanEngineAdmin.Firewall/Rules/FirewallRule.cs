using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Firewall;

namespace ScanEngineAdmin.Firewall.Rules;

/// <summary>One rule of a plan, in no provider's terms but for its commands.</summary>
public sealed record FirewallRule
{
    /// <summary>Derived from what the rule does, so that the same rule has the same id in every plan.</summary>
    public required string RuleId { get; init; }

    public required NodeRole HostRole { get; init; }

    /// <summary>The host it belongs on, by name or address as far as known.</summary>
    public required string Host { get; init; }

    public required RuleChange Change { get; init; }

    public required RuleFlow Flow { get; init; }

    public string Protocol { get; init; } = "TCP";

    /// <summary>The port at the listening end: local for In, remote for Out.</summary>
    public required int LocalPort { get; init; }

    /// <summary>The peers' addresses; empty means any (and the reason says why).</summary>
    public required IReadOnlyList<string> RemoteAddress { get; init; }

    public required RuleFamily AddressFamily { get; init; }

    public required string Reason { get; init; }

    /// <summary>The command for that host's provider; empty for Keep.</summary>
    public string Command { get; init; } = string.Empty;

    public string UndoCommand { get; init; } = string.Empty;

    /// <summary>Whose the commands are; null while there are none.</summary>
    internal FirewallProvider? Provider { get; init; }

    /// <summary>What the host's firewall applier made of it; null when none was asked or it did not answer.</summary>
    public FirewallApplyOutcome? Outcome { get; init; }

    /// <summary>What shows the outcome, or why there is none; empty for a plan that was not to be applied.</summary>
    public string OutcomeReason { get; init; } = string.Empty;

    public override string ToString() => $"{Change} {HostRole} {LocalPort}{(Flow == RuleFlow.Out ? " out" : string.Empty)}";
}
