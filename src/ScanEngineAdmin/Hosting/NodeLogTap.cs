using ScanEngineAdmin.Core.Nodes;

namespace ScanEngineAdmin.Hosting;

/// <summary>
/// A node's log, of which somebody may listen in while -Wait holds the prompt. Nobody else reads it here.
/// </summary>
internal sealed class NodeLogTap
{
    private volatile Action<LogEntry>? _listener;

    public void Write(LogEntry entry) => _listener?.Invoke(entry);

    public void Listen(Action<LogEntry>? listener) => _listener = listener;
}
