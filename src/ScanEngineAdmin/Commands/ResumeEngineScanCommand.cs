using System.Management.Automation;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Goes on with scans that are suspended, failed, were stopped, or left out host names.</para>
/// <para type="description">A suspended scan goes on where it was. Of the others: what was found stays; the engine goes on where the console's data ends. Host names that had
/// no address, or one that the engine's policy forbids, are looked up again. It queues the scan
/// and returns; Wait-EngineScan waits for its end. A scan whose deadline has passed needs a new one.</para>
/// </summary>
/// <example>
/// <code>Get-EngineScan -State Failed, Stopped | Resume-EngineScan -Deadline 2h</code>
/// <para>Goes on with all of them.</para>
/// </example>
[Cmdlet(VerbsLifecycle.Resume, "EngineScan", SupportsShouldProcess = true)]
[OutputType(typeof(EngineScan))]
public sealed class ResumeEngineScanCommand : NamedScanCommand
{
    /// <summary>
    /// <para>A new deadline: a duration from now on ('2h') or a time. Without it the scan keeps the one it has.</para>
    /// </summary>
    [Parameter]
    [Deadline]
    public DateTimeOffset? Deadline { get; set; }

    /// <summary>
    /// <para>Returns the scan.</para>
    /// </summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override void ProcessScan(Guid scanId)
    {
        Admin.Scans.CheckResume(scanId, Deadline);
        if (!ShouldProcess(scanId.ToString(), "Resume scan"))
        {
            return;
        }

        ScanRecord scan = Admin.Scans.Resume(scanId, Deadline);
        WarnUnlessConsoleRuns("The scan is queued.");
        if (PassThru)
        {
            WriteObject(new EngineScan(scan, Folder.Root));
        }
    }
}
