using System.Management.Automation;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Hosting;

/// <summary>
/// What work says to its job. A job that nobody receives keeps so much: of objects the newest, of progress the last.
/// </summary>
internal sealed class JobWriter(Job job) : PipelineWriter
{
    private const int MostKept = 10_000;

    private readonly object _sync = new();
    private bool _lost;

    public override void Object(object value)
    {
        lock (_sync)
        {
            Keep(job.Output, PSObject.AsPSObject(value));
        }
    }

    public override void Do(Action<Cmdlet> step) =>
        throw new InvalidOperationException("A job has no pipeline's thread to ask on.");

    public override void Error(ErrorRecord error)
    {
        lock (_sync)
        {
            Keep(job.Error, error);
        }
    }

    public override void Warning(string text)
    {
        lock (_sync)
        {
            Keep(job.Warning, new WarningRecord(text));
        }
    }

    public override void Log(LogEntry entry)
    {
        if (entry.Level >= LogLevel.Warning)
        {
            Warning($"{entry.Event}: {entry.Message}");
        }
    }

    public override void Progress(ProgressRecord progress)
    {
        lock (_sync)
        {
            job.Progress.Clear();
            job.Progress.Add(progress);
        }
    }

    private void Keep<T>(PSDataCollection<T> kept, T item)
    {
        if (kept.Count >= MostKept)
        {
            try
            {
                kept.RemoveAt(0);
            }
            catch (ArgumentOutOfRangeException)
            {
                // Received in this moment: there is room.
                kept.Add(item);
                return;
            }

            if (!_lost)
            {
                _lost = true;
                job.Warning.Add(new WarningRecord(
                    $"More than {MostKept} were not received: the oldest are dropped. Receive-Job takes them."));
            }
        }

        kept.Add(item);
    }
}
