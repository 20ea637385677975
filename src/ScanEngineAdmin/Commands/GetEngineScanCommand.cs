using System.Management.Automation;
using ScanEngineAdmin.Completion;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Lists the console's scans, oldest first.</para>
/// <para type="parameter Name">Only scans of these engines, or pools. Wildcards are accepted; a name without one that is not
/// there is an error.</para>
/// </summary>
/// <example>
/// <code>Get-EngineScan -State Running, Queued</code>
/// <para>What is under way.</para>
/// </example>
/// <example>
/// <code>Get-EngineScan lab-1 -State Failed | Resume-EngineScan -Deadline 2h</code>
/// <para>Goes on with the failed scans of one engine.</para>
/// </example>
[Cmdlet(VerbsCommon.Get, "EngineScan")]
[OutputType(typeof(EngineScan))]
public sealed class GetEngineScanCommand : EngineFilterCommand
{
    /// <summary>
    /// <para>Only the scans of these ids. An id that is not there is an error.</para>
    /// </summary>
    [Parameter(ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ScanIdCompleter))]
    public Guid[]? ScanId { get; set; }

    /// <summary>
    /// <para>Only scans in one of these states.</para>
    /// </summary>
    [Parameter]
    public ScanState[]? State { get; set; }

    private protected override void ProcessItem()
    {
        // An id says all: a scan is found by it even after its engine was renamed.
        IEnumerable<ScanRecord> scans = ScanId is null ? ByName() : ById(ScanId);
        List<ScanRecord> wanted = [.. scans.Where(scan => State is null || State.Contains(scan.State))];
        foreach (ScanRecord scan in wanted.Count > 0 ? Admin.Scans.Explain(wanted) : [])
        {
            WriteObject(new EngineScan(scan, Folder.Root));
        }
    }

    private List<ScanRecord> ByName()
    {
        if (HasNode && Name is null)
        {
            return [.. Admin.Store.ListScans()];
        }

        HashSet<Guid> engines = ScanOwners.Select(this, Name, HasNode ? Admin : null);
        return engines.Count == 0 ? [] : [.. Admin.Store.ListScans().Where(scan => engines.Contains(scan.PairingId))];
    }

    private List<ScanRecord> ById(Guid[] ids)
    {
        var found = new List<ScanRecord>();
        foreach (Guid id in ids)
        {
            if ((HasNode ? Admin.Store.GetScan(id) : null) is { ParentId: null } scan)
            {
                found.Add(scan);
            }
            else
            {
                Report(NotFound.Scan(id), id);
            }
        }

        return found;
    }
}
