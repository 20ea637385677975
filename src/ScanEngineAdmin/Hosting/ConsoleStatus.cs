using ScanEngineAdmin.Core.Admin;

namespace ScanEngineAdmin.Hosting;

/// <summary>What can be said of a console at one moment.</summary>
internal sealed record ConsoleStatus(
    NodeState State,
    string? EndPoint,
    string? Fingerprint,
    int EngineCount,
    int? ProcessId,
    string? HostedBy,
    string DataPath)
{
    /// <summary>Of an object that nobody filled: New-MockObject of Pester makes such.</summary>
    public static ConsoleStatus Unknown { get; } = new(NodeState.Stopped, null, null, 0, null, null, string.Empty);

    public static ConsoleStatus Of(ConsoleAdmin admin, bool? running = null)
    {
        NodeInfo info = admin.Describe();
        bool runs = running ?? info.IsRunning;
        return new ConsoleStatus(
            runs ? NodeState.Running : NodeState.Stopped,
            info.Node?.EndPoint,
            info.Fingerprint.IsEmpty ? null : info.Fingerprint.ToString(),
            admin.Store.ListEngines().Count,
            // The number of a process that has ended may be another one's by now.
            runs ? info.Node?.ProcessId : null,
            runs ? info.Node?.HostedBy : null,
            info.DataPath);
    }
}
