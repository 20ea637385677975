using System.Management.Automation;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Applier;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Tells whether a firewall applier runs for the nodes of a data folder, in whatever process.
/// </para>
/// </summary>
/// <example>
/// <code>Get-EngineFirewallApplier</code>
/// <para>Whether an applier runs for this host's nodes.</para>
/// </example>
[Cmdlet(VerbsCommon.Get, "EngineFirewallApplier")]
[OutputType(typeof(EngineFirewallApplier))]
public sealed class GetEngineFirewallApplierCommand : ScanEngineCommand
{
    private protected override void ProcessItem()
    {
        foreach (NodeRole role in Enum.GetValues<NodeRole>())
        {
            if (Directory.Exists(role == NodeRole.Console ? Folder.Console : Folder.Engine))
            {
                bool runs = FirewallApplierService.IsRunning(Folder, role);
                WriteObject(new EngineFirewallApplier(
                    role, runs ? NodeState.Running : NodeState.Stopped, Folder.Root, null, null, null));
            }
        }
    }
}
