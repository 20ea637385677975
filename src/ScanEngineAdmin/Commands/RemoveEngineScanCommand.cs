using System.Management.Automation;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Removes finished scans with their findings from the console's store.</para>
/// <para type="description">They are out of sight at once. Their findings are removed in small steps that hold nobody
/// up, by the running console or, where none runs, here; their room on the disk comes back with that.</para>
/// </summary>
/// <example>
/// <code>Get-EngineScan -State Completed | Where-Object Finished -LT (Get-Date).AddDays(-30) | Remove-EngineScan</code>
/// <para>Removes what is older than a month.</para>
/// </example>
/// <example>
/// <code>Get-EngineScan -Name lab-1 | Remove-EngineScan -Force</code>
/// <para>Removes all scans of an engine, also those that it does not end.</para>
/// </example>
[Cmdlet(VerbsCommon.Remove, "EngineScan", SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class RemoveEngineScanCommand : NamedScanCommand
{
    /// <summary>
    /// <para>Removes scans that are not finished, too. Their engine is told to drop them when it is reached; what it
    /// has found and not delivered is lost.</para>
    /// </summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override void ProcessScan(Guid scanId)
    {
        Admin.Scans.CheckRemove(scanId, Force);
        if (ShouldProcess(scanId.ToString(), "Remove scan and its findings"))
        {
            Admin.Scans.Remove(scanId, Force);
        }
    }
}
