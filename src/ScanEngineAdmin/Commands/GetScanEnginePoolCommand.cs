using System.Management.Automation;
using ScanEngineAdmin.Completion;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Lists the pools of engines.</para>
/// </summary>
/// <example>
/// <code>Get-ScanEnginePool</code>
/// <para>All pools, with their engines and those of them that are in contact.</para>
/// </example>
[Cmdlet(VerbsCommon.Get, "ScanEnginePool")]
[OutputType(typeof(ScanEnginePool))]
public sealed class GetScanEnginePoolCommand : ConsoleCommand
{
    /// <summary>
    /// <para>The pools' names; all without it. Wildcards are accepted; a name without one that is not there is an
    /// error.</para>
    /// </summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ItemName("PoolName")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(PoolNameCompleter))]
    public string[]? PoolName { get; set; }

    private protected override void ProcessItem()
    {
        foreach (EnginePool pool in PoolSelection.Select(this, PoolName, HasNode ? Admin : null))
        {
            WriteObject(new ScanEnginePool(pool, Admin.Store.ListPoolMembers(pool.PoolId), Folder.Root));
        }
    }
}
