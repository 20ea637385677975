using System.Management.Automation;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Reads what scans have found so far.</para>
/// <para type="description">Reading takes nothing away: it may be repeated, and goes on while the scan runs.</para>
/// </summary>
/// <example>
/// <code>Receive-EngineScan -Name lab-1 -State Open</code>
/// <para>All open ports that were found from one engine.</para>
/// </example>
/// <example>
/// <code>Get-EngineScan -State Completed | Receive-EngineScan -State Open | Group-Object Target</code>
/// <para>The open ports of each host, of all scans that are through.</para>
/// </example>
[Cmdlet(VerbsCommunications.Receive, "EngineScan")]
[OutputType(typeof(ScanFinding))]
public sealed class ReceiveEngineScanCommand : ScanSelectionCommand
{
    private protected override void ProcessScan(ScanRecord scan)
    {
        foreach ((ScanRecord by, Finding finding) in Findings(Admin, scan))
        {
            WriteObject(new ScanFinding(by, finding, Folder.Root));
        }
    }
}
