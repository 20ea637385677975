using System.Management.Automation;
using ScanEngineAdmin.Completion;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Makes a pool: engines that share scans.</para>
/// <para type="description">Start-EngineScan -Pool cuts a scan into parts for the engines that are in contact, small
/// ones, and more as they finish; to an admin it stays one scan. An engine may be in several pools and have scans of its
/// own; its direction does not matter, and may change.</para>
/// </summary>
/// <example>
/// <code>New-ScanEnginePool dmz -Engine dmz-1, dmz-2</code>
/// <para>Two engines share the scans of the pool dmz.</para>
/// </example>
/// <example>
/// <code>New-ScanEnginePool branches -Engine branch-* -AwayAfter 1h</code>
/// <para>Engines with bad lines: an engine that is away has its part for an hour.</para>
/// </example>
/// <example>
/// <code>Get-ScanEngine -Status Active | New-ScanEnginePool now</code>
/// <para>The engines that are in contact.</para>
/// </example>
[Cmdlet(VerbsCommon.New, "ScanEnginePool", SupportsShouldProcess = true)]
[OutputType(typeof(ScanEnginePool))]
public sealed class NewScanEnginePoolCommand : ConsoleCommand
{
    private readonly HashSet<Guid> _members = [];
    private bool _isWhole = true;
    private bool _any;

    /// <summary>
    /// <para>The pool's name.</para>
    /// </summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string PoolName { get; set; } = string.Empty;

    /// <summary>
    /// <para>The names of its engines. Wildcards are accepted: the engines that there are now. Those of the pipeline
    /// are of one pool.</para>
    /// </summary>
    [Parameter(Position = 1, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Name", "EngineName")]
    [ItemName]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(EngineNameCompleter))]
    public string[]? Engine { get; set; }

    /// <summary>
    /// <para>How long an engine has a part of a scan. What an engine that is away has not delivered then, another is
    /// given: '15m' without it. An engine ends a part by itself at that time, so that no two scan the same.</para>
    /// </summary>
    [Parameter]
    [Duration("1m", "1d")]
    public TimeSpan AwayAfter { get; set; } = EnginePool.DefaultAwayAfter;

    // A pool without the engine that was not found would be another pool than the one that was asked for.
    private protected override void ProcessItem() => _isWhole &= Try(Gather, PoolName);

    private void Gather()
    {
        if (!HasNode)
        {
            throw NotFound.ConsoleIn(Folder.Console);
        }

        ConsoleAdmin admin = Admin;
        _any = true;
        _members.UnionWith(PoolSelection.Members(Engine, admin));
    }

    private protected override void Settle()
    {
        bool whole = _isWhole && _any;
        Guid[] members = [.. _members];
        _members.Clear();
        (_isWhole, _any) = (true, false);
        if (whole)
        {
            Try(() => Make(OpenedAdmin, members), PoolName);
        }
    }

    private void Make(ConsoleAdmin admin, Guid[] members)
    {
        admin.Pools.CheckName(PoolName, null);
        if (!ShouldProcess(PoolName, "Make pool"))
        {
            return;
        }

        EnginePool pool = admin.Pools.Add(PoolName, members, AwayAfter);
        WriteObject(new ScanEnginePool(pool, admin.Store.ListPoolMembers(pool.PoolId), admin.Folder.Root));
    }
}
