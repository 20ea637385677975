using System.Management.Automation;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Lets scans rest until they are resumed; nothing of what they found is lost.</para>
/// <para type="description">It asks for the rest and returns. The engine delivers what it has found, keeps nothing of
/// the scan and has its place free for another; the scan is Suspended then. Resume-EngineScan lets it go on at the same
/// place, whatever was restarted or turned around meanwhile. A deadline goes on counting: a scan that rests past it has
/// failed, and is resumed with a new one.</para>
/// </summary>
/// <example>
/// <code>Get-EngineScan -State Running, Queued | Suspend-EngineScan</code>
/// <para>Nothing scans while a network is worked on.</para>
/// </example>
/// <example>
/// <code>Suspend-EngineScan $scan.ScanId; Resume-EngineScan $scan.ScanId</code>
/// <para>One scan rests, and goes on. All that rest: Get-EngineScan -State Suspended.</para>
/// </example>
[Cmdlet(VerbsLifecycle.Suspend, "EngineScan", SupportsShouldProcess = true)]
[OutputType(typeof(EngineScan))]
public sealed class SuspendEngineScanCommand : NamedScanCommand
{
    /// <summary>
    /// <para>Returns the scan.</para>
    /// </summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override void ProcessScan(Guid scanId)
    {
        Admin.Scans.CheckSuspend(scanId);
        if (!ShouldProcess(scanId.ToString(), "Suspend scan"))
        {
            return;
        }

        ScanRecord scan = Admin.Scans.Suspend(scanId);
        if (scan.State != ScanState.Suspended)
        {
            WarnUnlessConsoleRuns("The rest is noted.");
        }

        if (PassThru)
        {
            WriteObject(new EngineScan(scan, Folder.Root));
        }
    }
}
