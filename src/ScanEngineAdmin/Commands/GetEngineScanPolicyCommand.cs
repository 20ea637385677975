using System.Management.Automation;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Tells what may be scanned from this host's Scan Engine, whatever the console says.</para>
/// </summary>
/// <example>
/// <code>Get-EngineScanPolicy</code>
/// <para>What may be scanned from here.</para>
/// </example>
[Cmdlet(VerbsCommon.Get, "EngineScanPolicy")]
[OutputType(typeof(EngineScanPolicy))]
public sealed class GetEngineScanPolicyCommand : EngineCommand
{
    private protected override void ProcessItem()
    {
        if (HasNode)
        {
            WriteObject(new EngineScanPolicy(Admin.GetPolicy(), Folder.Root));
        }
    }
}
