using System.Collections.Concurrent;
using System.Management.Automation;
using ScanEngineAdmin.Core.Nodes;

namespace ScanEngineAdmin.Pipeline;

/// <summary>
/// What asynchronous work may say to the pipeline. Nothing is written here: it is queued for the pipeline's own thread.
/// Objects and errors wait for room (back-pressure); progress is dropped when there is none, as newer will follow.
/// </summary>
internal sealed class PipelineWriter
{
    private readonly BlockingCollection<Action<Cmdlet>> _queue;
    private readonly CancellationToken _over;

    public PipelineWriter(BlockingCollection<Action<Cmdlet>> queue, CancellationToken over)
    {
        _queue = queue;
        _over = over;
    }

    public void Object(object value) => _queue.Add(cmdlet => cmdlet.WriteObject(value), _over);

    /// <summary>For what must be asked on the pipeline's thread, such as ShouldProcess.</summary>
    public void Do(Action<Cmdlet> step) => _queue.Add(step, _over);

    public void Error(ErrorRecord error) => _queue.Add(cmdlet => cmdlet.WriteError(error), _over);

    public void Warning(string text) => _queue.Add(cmdlet => cmdlet.WriteWarning(text), _over);

    /// <summary>
    /// A node's log line: what it warns of is a warning here, the rest is for -Verbose. Dropped if there is no
    /// room.
    /// </summary>
    public void Log(LogEntry entry) => Offer(cmdlet =>
    {
        string text = $"{entry.Event}: {entry.Message}";
        if (entry.Level >= LogLevel.Warning)
        {
            cmdlet.WriteWarning(text);
        }
        else
        {
            cmdlet.WriteVerbose(text);
        }
    });

    public void Progress(ProgressRecord progress) => Offer(cmdlet => cmdlet.WriteProgress(progress));

    // A node goes on after the cmdlet that listened to it: its line may come when nobody takes any more.
    private void Offer(Action<Cmdlet> write)
    {
        try
        {
            _queue.TryAdd(write);
        }
        catch (InvalidOperationException)
        {
            // Complete, or given back.
        }
    }
}
