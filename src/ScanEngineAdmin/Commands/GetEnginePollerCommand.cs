using System.Management.Automation;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Hosting;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Tells of the consoles that the Scan Engine of a data folder polls, in whatever process.</para>
/// <para type="description">Returns one object for each console that is polled, and nothing where none is.</para>
/// </summary>
/// <example>
/// <code>Get-EnginePoller</code>
/// <para>Which consoles are polled, since when, and what the last fault was.</para>
/// </example>
[Cmdlet(VerbsCommon.Get, "EnginePoller")]
[OutputType(typeof(EnginePoller))]
public sealed class GetEnginePollerCommand : EngineCommand
{
    private protected override void ProcessItem()
    {
        if (!HasNode)
        {
            return;
        }

        EngineStatus status = EngineStatus.Of(Admin);
        foreach (ConsoleRecord console in status.Consoles.Where(EngineStatus.Polls))
        {
            WriteObject(new EnginePoller(status, console));
        }
    }
}
