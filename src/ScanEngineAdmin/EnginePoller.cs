using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Hosting;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin;

/// <summary>
/// The polling of one console by a Scan Engine on this host. From Start-EnginePoller it is a handle whose properties
/// tell how things stand now; from Get-EnginePoller they tell how things stood then.
/// </summary>
public sealed class EnginePoller
{
    private readonly EngineStatus? _snapshot;
    private readonly HostedEngine? _host;
    private readonly ConsoleRecord _console;

    internal EnginePoller(EngineStatus snapshot, ConsoleRecord console)
    {
        _snapshot = snapshot;
        _console = console;
    }

    internal EnginePoller(HostedEngine host, ConsoleRecord console)
    {
        _host = host;
        _console = console;
    }

    /// <summary>Refused: the console refuses it for a reason of trust, it asks again at long intervals.</summary>
    public NodeState State => Now.PollerState(_console);

    /// <summary>The console's address and port.</summary>
    public string? Console => Record is { } console ? InputParser.EndPoint(console.Address, console.Port) : null;

    /// <summary>The engine's own identity, to compare on the console's side.</summary>
    public string? Fingerprint => Now.Fingerprint;

    public DateTime? LastPoll => InputParser.Local(Record?.LastPoll);

    public DateTime? NextPoll => Now.Running ? InputParser.Local(Record?.NextPoll) : null;

    public int ConsecutiveFailures => Record?.ConsecutiveFailures ?? 0;

    public string? LastError => Now.Fault ?? Record?.LastError;

    public int? ProcessId => Now.ProcessId;

    public string? HostedBy => Now.HostedBy;

    public string DataPath => Now.DataPath;

    private EngineStatus Now => _snapshot ?? _host?.GetStatus() ?? EngineStatus.Unknown;

    private ConsoleRecord? Record => Now.Find(_console);

    public override string ToString() => $"Engine poller {Console}";
}
