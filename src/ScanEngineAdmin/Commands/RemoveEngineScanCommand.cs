using System.Management.Automation;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Removes finished scans with their findings from the console's store.</para>
/// </summary>
[Cmdlet(VerbsCommon.Remove, "EngineScan", SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class RemoveEngineScanCommand : NamedScanCommand
{
    private protected override void ProcessScan(Guid scanId)
    {
        if (ShouldProcess(scanId.ToString(), "Remove scan and its findings"))
        {
            Admin.RemoveScan(scanId);
        }
    }
}
