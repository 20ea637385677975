using System.Management.Automation;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Pipeline;
using ScanEngineAdmin.Scanning.Targets;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Says what may be scanned from this host's Scan Engine, whatever the console says.</para>
/// <para type="description">What is not given stays as it is; an empty list (@()) clears one.</para>
/// </summary>
/// <example>
/// <code>Set-EngineScanPolicy -Allow 10.0.0.0/8 -Deny 10.9.0.0/16 -MaxRate 500</code>
/// <para>What may be scanned from here, and how fast.</para>
/// </example>
/// <example>
/// <code>Set-EngineScanPolicy -Deny @()</code>
/// <para>Clears one list, and keeps the rest.</para>
/// </example>
/// <example>
/// <code>Set-EngineScanPolicy -AllowNmap $true</code>
/// <para>Lets consoles scan with the nmap of this host.</para>
/// </example>
[Cmdlet(VerbsCommon.Set, "EngineScanPolicy", SupportsShouldProcess = true)]
[OutputType(typeof(EngineScanPolicy))]
public sealed class SetEngineScanPolicyCommand : EngineCommand
{
    /// <summary>
    /// <para>Addresses, ranges and CIDR blocks that may be scanned; an empty list allows all that is not denied.</para>
    /// </summary>
    [Parameter]
    [AllowEmptyCollection]
    public string[]? Allow { get; set; }

    /// <summary>
    /// <para>Addresses, ranges and CIDR blocks that may not be scanned; wins over -Allow.</para>
    /// </summary>
    [Parameter]
    [AllowEmptyCollection]
    public string[]? Deny { get; set; }

    /// <summary>
    /// <para>Connection attempts per second in all; 0 for no limit.</para>
    /// </summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int MaxRate { get; set; }

    /// <summary>
    /// <para>Connection attempts under way at once, per scan.</para>
    /// </summary>
    [Parameter]
    [ValidateRange(1, 65535)]
    public int MaxParallelism { get; set; }

    /// <summary>
    /// <para>Whether consoles may scan with the nmap of this host: $false without it. nmap asks services for more than
    /// the engine's own scanner does.</para>
    /// </summary>
    [Parameter]
    public bool AllowNmap { get; set; }

    /// <summary>
    /// <para>What becomes of a scan that names what may not be scanned: Refuse (the whole scan) or Skip (that address,
    /// and the scan's Detail says how many were passed over).</para>
    /// </summary>
    [Parameter]
    public DeniedTargets OnDenied { get; set; }

    /// <summary>
    /// <para>Returns the policy.</para>
    /// </summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override void ProcessItem()
    {
        if (Allow is null && Deny is null && !IsBound(nameof(MaxRate)) && !IsBound(nameof(MaxParallelism))
            && !IsBound(nameof(OnDenied)) && !IsBound(nameof(AllowNmap)))
        {
            throw NotFound.Change("-Allow, -Deny (@() clears one), -MaxRate, -MaxParallelism, -AllowNmap and -OnDenied");
        }

        EngineAdmin.CheckPolicy(Wanted());
        if (!ShouldProcess(Folder.Root, "Set scan policy of the Scan Engine"))
        {
            return;
        }

        // Read again: while the prompt stood somebody else may have denied a target.
        Admin.SetPolicy(Wanted());
        if (PassThru)
        {
            WriteObject(new EngineScanPolicy(Admin.GetPolicy(), Folder.Root));
        }
    }

    private TargetPolicy Wanted()
    {
        TargetPolicy now = HasNode ? Admin.GetPolicy() : new TargetPolicy();
        return now with
        {
            Allow = Allow is null ? now.Allow : TargetPolicy.Typed(Allow, "-Allow"),
            Deny = Deny is null ? now.Deny : TargetPolicy.Typed(Deny, "-Deny"),
            MaxRate = Bound(nameof(MaxRate), MaxRate) ?? now.MaxRate,
            MaxParallelism = Bound(nameof(MaxParallelism), MaxParallelism) ?? now.MaxParallelism,
            AllowNmap = Bound(nameof(AllowNmap), AllowNmap) ?? now.AllowNmap,
            OnDenied = Bound(nameof(OnDenied), OnDenied) ?? now.OnDenied,
        };
    }
}
