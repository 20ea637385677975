using System.Management.Automation;
using ScanEngineAdmin.Hosting;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Tells of the Security Console of a data folder, in whatever process it runs.</para>
/// <para type="description">Returns nothing where there never was a console.</para>
/// </summary>
/// <example>
/// <code>(Get-SecurityConsole).Fingerprint</code>
/// <para>What to read out to an engine's admin.</para>
/// </example>
[Cmdlet(VerbsCommon.Get, "SecurityConsole")]
[OutputType(typeof(SecurityConsole))]
public sealed class GetSecurityConsoleCommand : ConsoleCommand
{
    private protected override void ProcessItem()
    {
        if (HasNode)
        {
            WriteObject(new SecurityConsole(ConsoleStatus.Of(Admin)));
        }
    }
}
