using System.Management.Automation;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Applier;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Hosting;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Stops the firewall applier that Start-EngineFirewallApplier started in this process.</para>
/// <para type="description">One in another process is its service manager's to stop. What is not answered yet is done
/// by the next one.</para>
/// </summary>
/// <example>
/// <code>Stop-EngineFirewallApplier Console</code>
/// <para>Stops the one of this process.</para>
/// </example>
[Cmdlet(VerbsLifecycle.Stop, "EngineFirewallApplier", SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class StopEngineFirewallApplierCommand : ScanEngineCommand
{
    /// <summary>
    /// <para>Whose host's: the console's or the engine's.</para>
    /// </summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    public NodeRole Role { get; set; }

    /// <summary>
    /// <para>How long it may take to stop.</para>
    /// </summary>
    [Parameter]
    [Duration("1s", "10m")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    private protected override void ProcessItem()
    {
        if (!ShouldProcess($"The {Role} on '{Folder.Root}'", "Stop firewall applier"))
        {
            return;
        }

        if (ModuleLifetime.Nodes.Find(HostedApplier.Key(Folder, Role)) is { } here)
        {
            Await((_, token) => here.StopAsync(Timeout, token));
        }
        else if (FirewallApplierService.IsRunning(Folder, Role))
        {
            Report(new ScanEngineException(
                FaultCode.ApplierAlreadyRunning,
                $"The firewall applier of the {Role} on '{Folder.Root}' runs in another process.",
                "Stop it where it was started: systemctl stop <its unit>, or Ctrl+C.",
                Folder.Root));
        }
    }
}
