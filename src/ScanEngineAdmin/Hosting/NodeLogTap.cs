using ScanEngineAdmin.Core.Nodes;

namespace ScanEngineAdmin.Hosting;

/// <summary>
/// A node's log: into its file, if one was named, and to whoever listens in while -Wait holds the prompt.
/// </summary>
internal sealed class NodeLogTap(LogFile? file) : IAsyncDisposable
{
    private const string Option = "-LogPath";

    private volatile Action<LogEntry>? _listener;

    /// <summary>The file that it goes to, or null.</summary>
    public string? Path => file?.Path;

    /// <exception cref="Domain.Faults.ScanEngineException">The file cannot be written.</exception>
    public static NodeLogTap Open(string? path) => new(path is null ? null : LogFile.Open(path, Option));

    /// <summary>Refuses a file that cannot be the log, for a start that does more before the log is opened.</summary>
    /// <exception cref="Domain.Faults.ScanEngineException">The file cannot be written.</exception>
    public static void Prepare(string? path)
    {
        if (path is not null)
        {
            LogFile.Prepare(path, Option);
        }
    }

    public void Write(LogEntry entry)
    {
        file?.Write(entry);
        _listener?.Invoke(entry);
    }

    public void Listen(Action<LogEntry>? listener) => _listener = listener;

    public ValueTask DisposeAsync() => file?.DisposeAsync() ?? ValueTask.CompletedTask;
}
