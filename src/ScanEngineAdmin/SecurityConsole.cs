using ScanEngineAdmin.Hosting;

namespace ScanEngineAdmin;

/// <summary>
/// A Security Console on this host. From Start-SecurityConsole it is a handle whose properties tell how things stand
/// now; from Get-SecurityConsole they tell how things stood then.
/// </summary>
public sealed class SecurityConsole
{
    private readonly ConsoleStatus? _snapshot;
    private readonly HostedConsole? _host;

    internal SecurityConsole(ConsoleStatus snapshot) => _snapshot = snapshot;

    internal SecurityConsole(HostedConsole host) => _host = host;

    public NodeState State => Now.State;

    /// <summary>Where reverse engines reach it.</summary>
    public string? EndPoint => Now.EndPoint;

    /// <summary>Its identity, to compare on the engines' side.</summary>
    public string? Fingerprint => Now.Fingerprint;

    public int EngineCount => Now.EngineCount;

    public int? ProcessId => Now.ProcessId;

    public string? HostedBy => Now.HostedBy;

    public string DataPath => Now.DataPath;

    private ConsoleStatus Now => _snapshot ?? _host?.GetStatus() ?? ConsoleStatus.Unknown;

    public override string ToString() => $"Security Console {EndPoint}";
}
