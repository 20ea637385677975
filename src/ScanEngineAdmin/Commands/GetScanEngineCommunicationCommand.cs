using System.Management.Automation;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Shows how the direction of Scan Engines stands: wanted, in force, as the engine says, and what
/// was changed last.</para>
/// </summary>
/// <example>
/// <code>Get-ScanEngineCommunication | Where-Object Drift</code>
/// <para>Engines that see their direction otherwise than this console.</para>
/// </example>
[Cmdlet(VerbsCommon.Get, "ScanEngineCommunication")]
[OutputType(typeof(ScanEngineCommunication))]
public sealed class GetScanEngineCommunicationCommand : EngineFilterCommand
{
    private protected override void ProcessItem()
    {
        foreach (EngineRecord engine in SelectEngines())
        {
            Try(
                () => WriteObject(
                    new ScanEngineCommunication(Admin.Direction.Report(engine.PairingId), Folder.Root)),
                engine.Name);
        }
    }
}
