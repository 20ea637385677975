using System.Management.Automation;
using ScanEngineAdmin.Firewall.Applying;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Makes firewall rules stay that Invoke-EngineFirewallPlan -RollbackAfter would undo.</para>
/// </summary>
/// <example>
/// <code>$plan | Invoke-EngineFirewallPlan -RollbackAfter 5m | Confirm-EngineFirewallPlan</code>
/// <para>Keeps what was applied.</para>
/// </example>
/// <example>
/// <code>Confirm-EngineFirewallPlan -All</code>
/// <para>Keeps all that waits on this host.</para>
/// </example>
[Cmdlet(
    VerbsLifecycle.Confirm, "EngineFirewallPlan", SupportsShouldProcess = true, DefaultParameterSetName = ById)]
[OutputType(typeof(void))]
public sealed class ConfirmEngineFirewallPlanCommand : ScanEngineCommand
{
    private const string ById = "ApplicationId";
    private const string ByAll = "All";

    private readonly HashSet<string> _done = new(StringComparer.Ordinal);

    /// <summary>
    /// <para>The applications, as Invoke-EngineFirewallPlan's results name them. One that has none waits for nothing
    /// and is passed over.</para>
    /// </summary>
    [Parameter(
        Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        ParameterSetName = ById)]
    [ItemName(nameof(ApplicationId))]
    [AllowNull]
    [AllowEmptyCollection]
    public string?[]? ApplicationId { get; set; }

    /// <summary>
    /// <para>Confirms all that wait on this host.</para>
    /// </summary>
    [Parameter(Mandatory = true, ParameterSetName = ByAll)]
    public SwitchParameter All { get; set; }

    private protected override void ProcessItem()
    {
        var applier = new FirewallPlanApplier();
        string?[] ids = ParameterSetName == ByAll
            ? [.. Await((_, token) => applier.PendingAsync(token)).Select(static pending => pending.Id)]
            : ApplicationId ?? [];

        // The results of one application share its id.
        foreach (string id in ids.OfType<string>().Where(static id => id.Length > 0).Where(_done.Add).ToArray())
        {
            if (ShouldProcess(id, "Confirm engine firewall plan"))
            {
                Try(() => Await((_, token) => applier.ConfirmAsync(id, token)), id);
            }
        }
    }
}
