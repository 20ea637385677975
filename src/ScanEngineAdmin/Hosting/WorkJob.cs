using System.Management.Automation;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Hosting;

/// <summary>
/// Work that a cmdlet would wait for, as a job: what it would write is in the job's streams, Stop-Job ends the waiting.
/// What it waits for (a scan, an engine) goes on, as after Ctrl+C.
/// </summary>
internal sealed class WorkJob : Job
{
    // The work bounds its own end well below this.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _stop = new();
    private readonly string _location;
    private Task _work = Task.CompletedTask;

    public WorkJob(string command, string jobType, string location)
        : base(command)
    {
        _location = location;
        PSJobTypeName = jobType;
    }

    public override bool HasMoreData => Output.Count + Error.Count + Warning.Count > 0;

    public override string Location => _location;

    public override string StatusMessage => string.Empty;

    public void Start(Func<PipelineWriter, CancellationToken, Task> work)
    {
        PSBeginTime = DateTime.Now;
        SetJobState(JobState.Running);
        CancellationToken stop = _stop.Token;
        _work = Task.Run(() => RunAsync(work, stop), CancellationToken.None);
    }

    public override void StopJob()
    {
        if (JobStateInfo.State != JobState.Running)
        {
            return;
        }

        _stop.Cancel();
        Task.WaitAny([_work], Patience);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            StopJob();
            if (_work.IsCompleted)
            {
                _stop.Dispose();
            }
        }

        base.Dispose(disposing);
    }

    private async Task RunAsync(Func<PipelineWriter, CancellationToken, Task> work, CancellationToken stop)
    {
        var writer = new JobWriter(this);
        JobState end = JobState.Completed;
        try
        {
            await work(writer, stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            end = JobState.Stopped;
        }
#pragma warning disable CA1031 // Whatever it is: the job has failed, and says why.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            writer.Error(exception is ScanEngineException fault
                ? FaultRecord.Of(fault, null)
                : new ErrorRecord(exception, nameof(FaultCode.InternalError), ErrorCategory.NotSpecified, null));
            end = JobState.Failed;
        }

        PSEndTime = DateTime.Now;
        SetJobState(end);
    }
}
