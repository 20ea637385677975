using System.Management.Automation;
using ScanEngineAdmin.Core.Console;
using ScanEngineAdmin.Core.Direction;
using ScanEngineAdmin.Core.Engines;
using ScanEngineAdmin.Core.Firewall;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Changes which side of a paired engine dials, as one transaction over both sides.</para>
/// <para type="description">The new way is opened beside the old and proved by a round trip before the old one is
/// closed; running scans go on; if anything fails, all stays as it was. It returns the firewall plan in every case:
/// with -WhatIf nothing is touched and the plan says what both hosts would need.</para>
/// </summary>
[Cmdlet(VerbsCommon.Set, "ScanEngineCommunication", SupportsShouldProcess = true)]
[OutputType(typeof(FirewallPlan))]
public sealed class SetScanEngineCommunicationCommand : NamedEngineCommand
{
    /// <summary>
    /// <para>The wanted direction: ConsoleToEngine (Standard) or EngineToConsole (Reverse).</para>
    /// </summary>
    [Parameter(Mandatory = true, Position = 1)]
    [Direction]
    public CommunicationDirection Direction { get; set; }

    /// <summary>
    /// <para>For ConsoleToEngine: where the console will dial the engine, if it is not known yet.</para>
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Address { get; set; }

    /// <summary>
    /// <para>For ConsoleToEngine: the engine's TCP port.</para>
    /// </summary>
    [Parameter]
    [ValidateRange(1, 65535)]
    public int Port { get; set; }

    /// <summary>
    /// <para>For EngineToConsole: where the engine will dial the console, if it is not known yet.</para>
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ConsoleAddress { get; set; }

    /// <summary>
    /// <para>For EngineToConsole: the console's TCP port.</para>
    /// </summary>
    [Parameter]
    [ValidateRange(1, 65535)]
    public int ConsolePort { get; set; }

    /// <summary>
    /// <para>How long the change may take until it is rolled back: '30s', '5m', a number of seconds, a TimeSpan.</para>
    /// </summary>
    [Parameter]
    [Duration("1s", "1h")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(60);

    private protected override void ProcessEngine(EngineRecord engine)
    {
        ConsoleAdmin admin = Admin;
        var wish = new DirectionWish
        {
            Direction = Direction,
            Address = Address,
            Port = Bound(nameof(Port), Port),
            ConsoleAddress = ConsoleAddress,
            ConsolePort = Bound(nameof(ConsolePort), ConsolePort),
            Timeout = Timeout,
        };
        FirewallPlan plan = admin.PlanChange(engine.PairingId, wish);
        if (!ShouldProcess(
            FirewallPlanText.Render(plan),
            $"Change engine '{engine.Name}' from {plan.From} to {plan.To}?",
            "Set Scan Engine communication"))
        {
            WriteObject(Indexable.Of(plan));
            return;
        }

        FirewallPlan made = Await((writer, token) => admin.ChangeDirectionAsync(
            engine.PairingId,
            wish,
            change => writer.Progress(ProgressOf.Change(engine.Name, change)),
            token));
        WriteObject(Indexable.Of(made));
    }

    private int? Bound(string name, int value) => MyInvocation.BoundParameters.ContainsKey(name) ? value : null;
}
