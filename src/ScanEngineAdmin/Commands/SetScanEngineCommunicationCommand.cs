using System.Management.Automation;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Core.Directions;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Changes which side of a paired engine dials, as one transaction over both sides.</para>
/// <para type="description">The new way is opened beside the old and proved by a round trip before the old one is
/// closed; running scans go on; if anything fails, all stays as it was. It returns the firewall plan in every case:
/// with -WhatIf nothing is touched, the new way is tried as far as that is possible, and the plan says what both hosts
/// would need. Many engines are changed together, -ThrottleLimit at a time. Ctrl+C ends the waiting, not the change:
/// the console finishes it or takes it back (Get-ScanEngineCommunication).</para>
/// </summary>
/// <example>
/// <code>Set-ScanEngineCommunication lab-1 Standard -Address lab-1.example.org -WhatIf</code>
/// <para>What it would mean for both hosts; touches nothing.</para>
/// </example>
/// <example>
/// <code>Get-ScanEngine dmz-* | Set-ScanEngineCommunication -Direction Reverse</code>
/// <para>Changes many engines together.</para>
/// </example>
/// <example>
/// <code>Import-Csv fleet.csv | Set-ScanEngineCommunication</code>
/// <para>Each as its row says: Name and Direction, and Address, Port, ConsoleAddress or ConsolePort where they are not
/// known yet.</para>
/// </example>
/// <example>
/// <code>Set-ScanEngineCommunication lab-1 Reverse -Offline</code>
/// <para>Records a pending change for an engine that cannot be reached now.</para>
/// </example>
/// <example>
/// <code>Set-ScanEngineCommunication lab-1 Reverse -ApplyFirewall</code>
/// <para>Has the appliers of both hosts open and close the ports.</para>
/// </example>
[Cmdlet(VerbsCommon.Set, "ScanEngineCommunication", SupportsShouldProcess = true)]
[OutputType(typeof(FirewallPlan))]
public sealed class SetScanEngineCommunicationCommand : DirectionCommand
{
    /// <summary>
    /// <para>The wanted direction: ConsoleToEngine (Standard) or EngineToConsole (Reverse). A row of a file may bring
    /// it, and the addresses and ports below; of an object of this module, which has those in force, they are not
    /// taken.</para>
    /// </summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    [Direction]
    [RowValue]
    public CommunicationDirection Direction { get; set; }

    /// <summary>
    /// <para>For ConsoleToEngine: where the console will dial the engine, if it is not known yet. An engine that is
    /// standard already is dialled there from then on, once it has made a round trip there; with -Offline at
    /// once.</para>
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [RowValue]
    public string? Address { get; set; }

    /// <summary>
    /// <para>For ConsoleToEngine: the engine's TCP port.</para>
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [PortCell]
    [RowValue]
    public int? Port { get; set; }

    /// <summary>
    /// <para>For EngineToConsole: where the engine will dial the console, if it is not known yet.</para>
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [RowValue]
    public string? ConsoleAddress { get; set; }

    /// <summary>
    /// <para>For EngineToConsole: the console's TCP port.</para>
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [PortCell]
    [RowValue]
    public int? ConsolePort { get; set; }

    /// <summary>
    /// <para>Records the change for an engine that cannot be reached now, or while no console runs: the console changes
    /// it at the next contact, and tries again at later ones until it succeeds. Naming the direction in force withdraws
    /// the pending change, and takes another -Address or -Port of a standard engine down unproved.</para>
    /// </summary>
    [Parameter]
    public SwitchParameter Offline { get; set; }

    private protected override DirectionChangeRequest RequestFor(EngineRecord engine) => new()
    {
        Direction = IsBound(nameof(Direction)) ? Direction : throw NotFound.Direction(engine.Name),
        Address = Address,
        Port = PortCellAttribute.Check(this, nameof(Port), Port, engine.Name),
        ConsoleAddress = ConsoleAddress,
        ConsolePort = PortCellAttribute.Check(this, nameof(ConsolePort), ConsolePort, engine.Name),
        Timeout = Timeout,
    };

    private protected override Task<FirewallPlan> ChangeAsync(
        ConsoleAdmin admin,
        EngineRecord engine,
        DirectionChangeRequest request,
        Action<ChangeRecord> progress,
        CancellationToken cancellationToken) => Offline
            ? admin.Direction.RequestOfflineAsync(engine.PairingId, request, cancellationToken)
            : base.ChangeAsync(admin, engine, request, progress, cancellationToken);
}
