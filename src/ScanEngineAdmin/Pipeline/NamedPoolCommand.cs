using System.Management.Automation;
using ScanEngineAdmin.Completion;
using ScanEngineAdmin.Domain.Scans;

namespace ScanEngineAdmin.Pipeline;

/// <summary>A cmdlet for pools that are named, by wildcard or from the pipeline.</summary>
public abstract class NamedPoolCommand : ConsoleCommand
{
    /// <summary>
    /// <para>The pools' names. Wildcards are accepted; a name without one that is not there is an error.</para>
    /// </summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ItemName("PoolName")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(PoolNameCompleter))]
    public string[] PoolName { get; set; } = [];

    private protected abstract void ProcessPool(EnginePool pool);

    private protected override void ProcessItem()
    {
        foreach (EnginePool pool in PoolSelection.Select(this, PoolName, HasNode ? Admin : null))
        {
            Try(() => ProcessPool(pool), pool.Name);
        }
    }

    private protected ScanEnginePool View(EnginePool pool) =>
        new(pool, Admin.Store.ListPoolMembers(pool.PoolId), Folder.Root);
}
