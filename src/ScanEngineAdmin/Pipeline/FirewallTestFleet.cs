using System.Management.Automation;
using ScanEngineAdmin.Core.Diagnosis;
using ScanEngineAdmin.Domain.Faults;

namespace ScanEngineAdmin.Pipeline;

/// <summary>
/// Runs many tests, some at once, writes each result as it comes, and shows one progress bar for all.
/// </summary>
internal static class FirewallTestFleet
{
    private const int Bar = 40814;
    private const string Activity = "Testing the ways between console and engines";

    public static async Task<bool> RunAsync(
        IReadOnlyList<FirewallTestJob> jobs, int atOnce, Func<FirewallTestResult, object> view, PipelineWriter writer,
        CancellationToken cancellationToken)
    {
        int done = 0;
        var most = new ParallelOptions { MaxDegreeOfParallelism = atOnce, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(jobs, most, async (job, token) =>
        {
            try
            {
                writer.Object(view(await job.TestAsync(job.Request(), token).ConfigureAwait(false)));
            }
            catch (ScanEngineException fault)
            {
                writer.Error(FaultRecord.Of(fault, job.Name));
            }

            int now = Interlocked.Increment(ref done);
            writer.Progress(new ProgressRecord(Bar, Activity, $"{now} of {jobs.Count}: {job.Name}")
            {
                PercentComplete = now * 100 / jobs.Count,
                RecordType = now == jobs.Count ? ProgressRecordType.Completed : ProgressRecordType.Processing,
            });
        }).ConfigureAwait(false);
        return true;
    }
}
