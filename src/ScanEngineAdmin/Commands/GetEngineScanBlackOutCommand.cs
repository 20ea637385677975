using System.Management.Automation;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Shows the maintenance windows of the whole console, and whether one lasts now.</para>
/// </summary>
/// <example>
/// <code>(Get-EngineScanBlackOut).Until</code>
/// <para>Until when nothing is scanned.</para>
/// </example>
[Cmdlet(VerbsCommon.Get, "EngineScanBlackOut")]
[OutputType(typeof(EngineScanBlackOut))]
public sealed class GetEngineScanBlackOutCommand : ConsoleCommand
{
    private protected override void ProcessItem()
    {
        if (HasNode)
        {
            WriteObject(new EngineScanBlackOut(Admin.Schedules.BlackOut, Admin.Schedules.Now, Folder.Root));
        }
    }
}
