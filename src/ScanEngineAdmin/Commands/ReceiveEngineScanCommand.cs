using System.Management.Automation;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Reads what scans have found so far.</para>
/// <para type="description">Reading takes nothing away: it may be repeated, and goes on while the scan runs.</para>
/// </summary>
/// <example>
/// <code>Get-EngineScan lab-1 | Receive-EngineScan | Where-Object State -EQ Open</code>
/// <para>All open ports that were found from one engine.</para>
/// </example>
[Cmdlet(VerbsCommunications.Receive, "EngineScan")]
[OutputType(typeof(ScanFinding))]
public sealed class ReceiveEngineScanCommand : NamedScanCommand
{
    private protected override void ProcessScan(Guid scanId)
    {
        ScanRecord scan = Admin.Store.GetScan(scanId) ?? throw NotFound.Scan(scanId);
        foreach (Finding finding in Admin.Store.ReadFindings(scanId))
        {
            StopToken.ThrowIfCancellationRequested();
            WriteObject(new ScanFinding(scan, finding, Folder.Root));
        }
    }
}
