using System.Management.Automation;
using ScanEngineAdmin.Core.Nodes;

namespace ScanEngineAdmin.Pipeline;

/// <summary>What asynchronous work may say: to the pipeline of its cmdlet, or to its job.</summary>
internal abstract class PipelineWriter
{
    public abstract void Object(object value);

    /// <summary>For what must be asked on the pipeline's thread, such as ShouldProcess.</summary>
    public abstract void Do(Action<Cmdlet> step);

    public abstract void Error(ErrorRecord error);

    public abstract void Warning(string text);

    /// <summary>
    /// A node's log line: what it warns of is a warning here, the rest is for -Verbose. Dropped if there is no
    /// room.
    /// </summary>
    public abstract void Log(LogEntry entry);

    public abstract void Progress(ProgressRecord progress);
}
