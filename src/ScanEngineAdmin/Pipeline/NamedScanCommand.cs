using System.Management.Automation;
using ScanEngineAdmin.Completion;

namespace ScanEngineAdmin.Pipeline;

/// <summary>A cmdlet for scans that are named by id or come from the pipeline.</summary>
public abstract class NamedScanCommand : ConsoleCommand
{
    /// <summary>
    /// <para>The scans' ids, as Start-EngineScan and Get-EngineScan return them.</para>
    /// </summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ScanIdCompleter))]
    public Guid[] ScanId { get; set; } = [];

    private protected abstract void ProcessScan(Guid scanId);

    private protected override void ProcessItem()
    {
        foreach (Guid id in ScanId)
        {
            if (HasNode)
            {
                Try(() => ProcessScan(id), id);
            }
            else
            {
                Report(NotFound.Scan(id), id);
            }
        }
    }
}
