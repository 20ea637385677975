using System.Collections.Concurrent;
using System.Management.Automation;
using ScanEngineAdmin.Core.Nodes;

namespace ScanEngineAdmin.Pipeline;

/// <summary>
/// What asynchronous work says to the pipeline. Nothing is written here: it is queued for the pipeline's own thread.
/// Objects and errors wait for room (back-pressure); progress is dropped when there is none, as newer will follow.
/// </summary>
internal sealed class QueuedWriter(BlockingCollection<Action<Cmdlet>> queue, CancellationToken over) : PipelineWriter
{
    public override void Object(object value) => queue.Add(cmdlet => cmdlet.WriteObject(value), over);

    public override void Do(Action<Cmdlet> step) => queue.Add(step, over);

    public override void Error(ErrorRecord error) => queue.Add(cmdlet => cmdlet.WriteError(error), over);

    public override void Warning(string text) => queue.Add(cmdlet => cmdlet.WriteWarning(text), over);

    public override void Log(LogEntry entry) => Offer(cmdlet =>
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

    public override void Progress(ProgressRecord progress) => Offer(cmdlet => cmdlet.WriteProgress(progress));

    // A node goes on after the cmdlet that listened to it: its line may come when nobody takes any more.
    private void Offer(Action<Cmdlet> write)
    {
        try
        {
            queue.TryAdd(write);
        }
        catch (InvalidOperationException)
        {
            // Complete, or given back.
        }
    }
}
