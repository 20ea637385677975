using System.Management.Automation;
using ScanEngineAdmin.Completion;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Domain.Scans;

namespace ScanEngineAdmin.Pipeline;

/// <summary>A cmdlet that reads the findings of scans: by id, of engines, or of all.</summary>
public abstract class ScanSelectionCommand : ConsoleCommand
{
    /// <summary>
    /// <para>The scans' ids, as Start-EngineScan and Get-EngineScan return them. An id that is not there is an error.
    /// Without it and without -Name: all scans.</para>
    /// </summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ScanIdCompleter))]
    public Guid[]? ScanId { get; set; }

    /// <summary>
    /// <para>The scans of these engines. Wildcards are accepted; a name without one that is not there is an error. An
    /// id says all: with -ScanId the name is passed over.</para>
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("EngineName")]
    [ItemName]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(EngineNameCompleter))]
    public string[]? Name { get; set; }

    /// <summary>
    /// <para>Only findings of these states: Open, Closed, Filtered. All without it.</para>
    /// </summary>
    [Parameter]
    public PortState[]? State { get; set; }

    private protected abstract void ProcessScan(ScanRecord scan);

    private protected sealed override void ProcessItem()
    {
        if (!HasNode)
        {
            EngineSelection.Select(this, Name, null);
            foreach (Guid id in ScanId ?? [])
            {
                Report(NotFound.Scan(id), id);
            }

            return;
        }

        if (ScanId is not null)
        {
            foreach (Guid id in ScanId)
            {
                Try(() => ProcessScan(Admin.Store.GetScan(id) ?? throw NotFound.Scan(id)), id);
            }

            return;
        }

        HashSet<Guid>? engines = Name is null ? null
            : [.. EngineSelection.Select(this, Name, Admin).Select(engine => engine.PairingId)];
        foreach (ScanRecord scan in Admin.Store.ListScans())
        {
            if (engines?.Contains(scan.PairingId) != false)
            {
                Try(() => ProcessScan(scan), scan.ScanId);
            }
        }
    }

    /// <summary>Reads as it goes: a scan may have millions.</summary>
    private protected IEnumerable<Finding> Findings(ConsoleAdmin admin, ScanRecord scan)
    {
        foreach (Finding finding in admin.Store.ReadFindings(scan.ScanId))
        {
            StopToken.ThrowIfCancellationRequested();
            if (State is null || State.Contains(finding.State))
            {
                yield return finding;
            }
        }
    }
}
