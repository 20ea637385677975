using System.Management.Automation;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Removes finished scans with their findings from the console's store.</para>
/// </summary>
/// <example>
/// <code>Get-EngineScan -State Completed | Where-Object Finished -LT (Get-Date).AddDays(-30) | Remove-EngineScan</code>
/// <para>Removes what is older than a month.</para>
/// </example>
[Cmdlet(VerbsCommon.Remove, "EngineScan", SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class RemoveEngineScanCommand : NamedScanCommand
{
    private protected override void ProcessScan(Guid scanId)
    {
        Admin.CheckRemove(scanId);
        if (ShouldProcess(scanId.ToString(), "Remove scan and its findings"))
        {
            Admin.RemoveScan(scanId);
        }
    }
}
