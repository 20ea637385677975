using System.Management.Automation;

namespace ScanEngineAdmin.Hosting;

/// <summary>
/// A hosted node as a job of PowerShell's: Stop-Job stops the node, a fault of the node fails the job.
/// </summary>
internal sealed class NodeJob : Job
{
    private readonly HostedNode _node;
    private readonly string _location;

    public NodeJob(string command, string jobType, string location, HostedNode node, IReadOnlyList<object> handles)
        : base(command)
    {
        _node = node;
        _location = location;
        PSJobTypeName = jobType;
        foreach (object handle in handles)
        {
            Output.Add(PSObject.AsPSObject(handle));
        }

        SetJobState(JobState.Running);
        _ = WatchAsync();
    }

    public override bool HasMoreData => Output.Count > 0;

    public override string Location => _location;

    public override string StatusMessage => _node.Fault?.Message ?? string.Empty;

    public override void StopJob()
    {
        SetJobState(JobState.Stopping);
        Task.WhenAny(_node.StopAsync()).Wait();
        SetJobState(JobState.Stopped);
    }

    private async Task WatchAsync()
    {
        await _node.Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (JobStateInfo.State == JobState.Running)
        {
            SetJobState(_node.Fault is null ? JobState.Completed : JobState.Failed);
        }
    }
}
