using System.Management.Automation;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Stops scans; what they found so far is kept.</para>
/// <para type="description">It asks for the stop and returns; Wait-EngineScan waits for the scan's end.</para>
/// </summary>
/// <example>
/// <code>Get-EngineScan lab-1 -State Running | Stop-EngineScan</code>
/// <para>Stops all that run there.</para>
/// </example>
[Cmdlet(VerbsLifecycle.Stop, "EngineScan", SupportsShouldProcess = true)]
[OutputType(typeof(EngineScan))]
public sealed class StopEngineScanCommand : NamedScanCommand
{
    /// <summary>
    /// <para>Returns the scan.</para>
    /// </summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override void ProcessScan(Guid scanId)
    {
        _ = Admin.Store.GetScan(scanId) ?? throw NotFound.Scan(scanId);
        if (!ShouldProcess(scanId.ToString(), "Stop scan"))
        {
            return;
        }

        ScanRecord scan = Admin.Scans.Stop(scanId);
        if (!scan.IsFinished)
        {
            WarnUnlessConsoleRuns("The stop is noted.");
        }

        if (PassThru)
        {
            WriteObject(new EngineScan(scan, Folder.Root));
        }
    }
}
