using System.Management.Automation;
using ScanEngineAdmin.Hosting;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Tells of the listening Scan Engine of a data folder, in whatever process it runs.</para>
/// <para type="description">Returns nothing where there never was an engine, or where it only polls.</para>
/// </summary>
/// <example>
/// <code>(Get-EngineListener).Fingerprint</code>
/// <para>What to read out to the console's admin.</para>
/// </example>
[Cmdlet(VerbsCommon.Get, "EngineListener")]
[OutputType(typeof(EngineListener))]
public sealed class GetEngineListenerCommand : EngineCommand
{
    private protected override void ProcessItem()
    {
        if (!HasNode)
        {
            return;
        }

        EngineStatus status = EngineStatus.Of(Admin);
        if (!status.OnlyPolls || status.EndPoint is not null)
        {
            WriteObject(new EngineListener(status));
        }
    }
}
