using System.Management.Automation;
using ScanEngineAdmin.Core.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Brings back the direction and the addresses that were in force before the last change.</para>
/// <para type="description">It is a change like any other: proved before the way in use is closed, rolled back if that
/// fails. A change that was rolled back itself does not count. A second call goes forward again.</para>
/// </summary>
/// <example>
/// <code>Restore-ScanEngineCommunication lab-1 -WhatIf</code>
/// <para>What going back would mean.</para>
/// </example>
/// <example>
/// <code>Restore-ScanEngineCommunication lab-1</code>
/// <para>Goes back to what was before the last change.</para>
/// </example>
[Cmdlet(VerbsData.Restore, "ScanEngineCommunication", SupportsShouldProcess = true)]
[OutputType(typeof(FirewallPlan))]
public sealed class RestoreScanEngineCommunicationCommand : DirectionCommand
{
    private protected override DirectionChangeRequest RequestFor(EngineRecord engine) =>
        Admin.Direction.Before(engine.PairingId, Timeout);
}
