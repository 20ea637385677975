using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Firewall.Providers;
using ScanEngineAdmin.Loading;

namespace ScanEngineAdmin.Pipeline;

/// <summary>A cmdlet that works on a console's store.</summary>
public abstract class ConsoleCommand : NodeCommand
{
    // All engines of one run are judged by this one host's firewall.
    private readonly FirewallAnswers _answers = new(shared: true);

    internal ConsoleAdmin Admin => (ConsoleAdmin)AdminOfItem();

    internal ConsoleAdmin OpenedAdmin => (ConsoleAdmin)AdminOfItems();

    private protected sealed override string NodeFolder(DataFolder folder) => folder.Console;

    private protected sealed override NodeAdmin OpenAdmin(DataFolder folder) =>
        ConsoleAdmin.Open(folder, Stores.Provider, answers: _answers);

    private protected sealed override ScanEngineException NoNode(DataFolder folder) =>
        NotFound.ConsoleIn(folder.Console);

    /// <summary>
    /// Work as a job. What this cmdlet opened is closed when it returns, so the job has a console's store of its own.
    /// </summary>
    private protected void StartJob(ConsoleAdmin admin, Func<ConsoleAdmin, PipelineWriter, CancellationToken, Task> work) =>
        StartJob(admin, own => (writer, token) => work(own, writer, token));

    /// <param name="admin">What the cmdlet opened.</param>
    /// <param name="begin">Runs before the cmdlet returns, and returns the job's work.</param>
    private protected void StartJob(
        ConsoleAdmin admin, Func<ConsoleAdmin, Func<PipelineWriter, CancellationToken, Task>> begin)
    {
        var answers = new FirewallAnswers(shared: true);
        ConsoleAdmin own = ConsoleAdmin.Open(admin.Folder, Stores.Provider, answers: answers);
        Func<PipelineWriter, CancellationToken, Task> work;
        try
        {
            work = begin(own);
        }
        catch
        {
            own.Dispose();
            throw;
        }

        StartJob(admin.Folder.Root, async (writer, token) =>
        {
            await using (answers.ConfigureAwait(false))
            using (own)
            {
                await work(writer, token).ConfigureAwait(false);
            }
        });
    }

    /// <summary>Waits for it, or lets a job do that.</summary>
    private protected void AwaitOrStartJob(
        bool asJob, ConsoleAdmin admin, Func<ConsoleAdmin, PipelineWriter, CancellationToken, Task> work)
    {
        if (asJob)
        {
            StartJob(admin, work);
            return;
        }

        Await(async (writer, token) =>
        {
            await work(admin, writer, token).ConfigureAwait(false);
            return true;
        });
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing)
        {
            // A question under way ends with this cmdlet's token, and the copy goes after that: nobody waits here.
            _ = _answers.DisposeAsync().AsTask();
        }
    }

    /// <summary>
    /// Where no console runs nobody meets an engine, and an approval on its host, where no console has asked, finds nothing.
    /// </summary>
    private protected override ScanEngineException Explain(ScanEngineException fault) =>
        fault.Code == FaultCode.NotPaired && HasNode && !OpenedAdmin.Describe().IsRunning
            ? new ScanEngineException(
                fault.Code,
                $"{fault.Message} No Security Console runs on '{Folder.Root}' now.",
                $"Start one first: Start-SecurityConsole. {fault.Recommendation}",
                fault.Target,
                fault)
            : base.Explain(fault);

    /// <summary>Says aloud that what was asked for waits until a console runs.</summary>
    private protected void WarnUnlessConsoleRuns(string what)
    {
        if (!Admin.Describe().IsRunning)
        {
            WriteWarning(
                $"{what} No Security Console runs on '{Folder.Root}' now; start one with Start-SecurityConsole.");
        }
    }
}
