using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Hosting;

namespace ScanEngineAdmin;

/// <summary>
/// The listening side of a Scan Engine on this host. From Start-EngineListener it is a handle whose properties tell how
/// things stand now; from Get-EngineListener they tell how things stood then.
/// </summary>
public sealed class EngineListener
{
    private readonly EngineStatus? _snapshot;
    private readonly HostedEngine? _host;

    internal EngineListener(EngineStatus snapshot) => _snapshot = snapshot;

    internal EngineListener(HostedEngine host) => _host = host;

    /// <summary>Superseded: a change of direction took over, the node lives on and polls.</summary>
    public NodeState State => Now.ListenerState;

    public string? EndPoint => Now.EndPoint;

    /// <summary>The engine's identity, to compare on the console's side.</summary>
    public string? Fingerprint => Now.Fingerprint;

    /// <summary>How many consoles this engine listens for.</summary>
    public int Consoles => Now.Consoles.Count(IsServed);

    /// <summary>How many of them are connected.</summary>
    public int Connected => Now.Running ? Now.Consoles.Count(console => IsServed(console) && console.Connected) : 0;

    public string? LastError => Now.Fault ?? Now.LastError;

    public int? ProcessId => Now.ProcessId;

    public string? HostedBy => Now.HostedBy;

    public string DataPath => Now.DataPath;

    private EngineStatus Now => _snapshot ?? _host?.GetStatus() ?? EngineStatus.Unknown;

    public override string ToString() => $"Engine listener {EndPoint}";

    private static bool IsServed(ConsoleRecord console) =>
        console.State != ConsoleState.Denied && EngineStatus.Listens(console);
}
