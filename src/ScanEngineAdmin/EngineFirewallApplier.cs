using ScanEngineAdmin.Channel;

namespace ScanEngineAdmin;

/// <summary>The firewall applier of a node's host: whether one runs, in whatever process.</summary>
public sealed class EngineFirewallApplier
{
    internal EngineFirewallApplier(
        NodeRole role, NodeState state, string dataPath, int[]? ports, string[]? allowFrom, int? processId) =>
        (Role, State, DataPath, Port, AllowFrom, ProcessId) =
            (role, state, dataPath, ports, allowFrom is null ? null : new TextList(allowFrom), processId);

    /// <summary>Whose host's firewall it serves.</summary>
    public NodeRole Role { get; }

    public NodeState State { get; }

    /// <summary>The ports it may open; known in the process that started it.</summary>
    public int[]? Port { get; }

    /// <summary>The blocks that a rule may be for; known in the process that started it.</summary>
    public TextList? AllowFrom { get; }

    /// <summary>Known in the process that started it.</summary>
    public int? ProcessId { get; }

    public string DataPath { get; }

    public override string ToString() => $"Firewall applier of the {Role}: {State}";
}
