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
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ScanIdCompleter))]
    public Guid[]? ScanId { get; set; }

    /// <summary>
    /// <para>The scans of these engines, or pools. Wildcards are accepted; a name without one that is not there is an error. An
    /// id says all: with -ScanId the name is passed over.</para>
    /// </summary>
    [Parameter(ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
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
            : ScanOwners.Select(this, Name, Admin);
        foreach (ScanRecord scan in Admin.Store.ListScans())
        {
            if (engines?.Contains(scan.PairingId) != false)
            {
                Try(() => ProcessScan(scan), scan.ScanId);
            }
        }
    }

    /// <summary>Reads as it goes: a scan may have millions.</summary>
    private protected IEnumerable<(ScanRecord Scan, Finding Finding)> Findings(ConsoleAdmin admin, ScanRecord scan)
    {
        // Of a pool's scan each finding has the engine that found it; parts may begin while this is read.
        var byPart = new Dictionary<long, ScanRecord>();
        foreach (Finding finding in admin.Store.ReadFindings(scan.ScanId))
        {
            StopToken.ThrowIfCancellationRequested();
            if (State is null || State.Contains(finding.State))
            {
                yield return (finding.Part is { } part ? ByEngine(part) : scan, finding);
            }
        }

        ScanRecord ByEngine(long part)
        {
            if (!byPart.ContainsKey(part))
            {
                foreach ((long number, string engine) in admin.Store.ListPartEngines(scan.ScanId))
                {
                    byPart[number] = scan with { EngineName = engine };
                }
            }

            return byPart.GetValueOrDefault(part, scan);
        }
    }
}
