using System.Management.Automation;
using ScanEngineAdmin.Completion;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Adds engines to a pool, takes some out, or changes its name or how long an engine may be
/// away.</para>
/// <para type="description">Scans that run are shared by the engines that are in the pool from then on. An engine that
/// is taken out finishes the part that it has.</para>
/// </summary>
/// <example>
/// <code>Set-ScanEnginePool dmz -AddEngine dmz-3 -RemoveEngine dmz-1</code>
/// <para>One engine for another, also in the midst of a scan.</para>
/// </example>
[Cmdlet(VerbsCommon.Set, "ScanEnginePool", SupportsShouldProcess = true)]
[OutputType(typeof(ScanEnginePool))]
public sealed class SetScanEnginePoolCommand : NamedPoolCommand
{
    /// <summary>
    /// <para>The new name, for one pool.</para>
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? NewName { get; set; }

    /// <summary>
    /// <para>The names of engines that join. Wildcards are accepted.</para>
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(EngineNameCompleter))]
    public string[]? AddEngine { get; set; }

    /// <summary>
    /// <para>The names of engines that leave. Wildcards are accepted.</para>
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(EngineNameCompleter))]
    public string[]? RemoveEngine { get; set; }

    /// <summary>
    /// <para>How long an engine has a part of a scan, for parts that are given from now on.</para>
    /// </summary>
    [Parameter]
    [Duration("1m", "1d")]
    public TimeSpan AwayAfter { get; set; }

    /// <summary>
    /// <para>Returns the pool.</para>
    /// </summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override void ProcessPool(EnginePool pool)
    {
        TimeSpan? away = Bound(nameof(AwayAfter), AwayAfter);
        if (NewName is null && AddEngine is null && RemoveEngine is null && away is null)
        {
            throw NotFound.Change("-NewName, -AddEngine, -RemoveEngine and -AwayAfter");
        }

        PoolAdmin pools = Admin.Pools;
        Guid[] add = PoolSelection.Members(AddEngine, Admin);
        Guid[] remove = PoolSelection.Members(RemoveEngine, Admin);
        pools.CheckSet(pool, NewName, away, add);
        if (!ShouldProcess(pool.Name, "Set pool"))
        {
            return;
        }

        EnginePool changed = pools.Set(pool, NewName, away, add, remove);
        if (PassThru)
        {
            WriteObject(View(changed));
        }
    }
}
