using System.Management.Automation;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Confirms a Scan Engine's identity after its fingerprint was compared.</para>
/// <para type="description">The prompt shows the fingerprint that the engine showed at the last contact. Compare it
/// with what the engine's admin reads out before saying yes: (Get-EngineListener).Fingerprint on the engine's host, or
/// (Get-EnginePoller).Fingerprint for one that polls.</para>
/// </summary>
/// <example>
/// <code>Approve-ScanEngine lab-1</code>
/// <para>Shows the fingerprint that the engine showed, and asks.</para>
/// </example>
[Cmdlet(VerbsLifecycle.Approve, "ScanEngine", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(ScanEngine))]
public sealed class ApproveScanEngineCommand : NamedEngineCommand
{
    private readonly Gathered<(EngineRecord Engine, string? Fingerprint)> _gathered =
        new(one => one.Engine.PairingId, one => one.Fingerprint);

    /// <summary>
    /// <para>The fingerprint as the engine's admin read it out; an engine that shows another one is not
    /// approved. A row of a file may bring it. An object of this module has the one that the engine showed, with which
    /// nothing would be compared: of that it is not taken.</para>
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [RowValue]
    public string? Fingerprint { get; set; }

    /// <summary>
    /// <para>Returns the engine.</para>
    /// </summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override void ProcessEngine(EngineRecord engine) =>
        _gathered.Add((engine, Fingerprint), engine.Name);

    private protected override void Settle()
    {
        (EngineRecord Engine, string? Fingerprint)[] engines = _gathered.TakeAll();
        SingleEngine.CheckEach(nameof(Fingerprint), engines.Select(one => (one.Fingerprint, one.Engine.Name)));

        if (engines.Length == 0)
        {
            // Nothing was opened, and what is not there must not be made.
            return;
        }

        ConsoleAdmin admin = OpenedAdmin;
        foreach ((EngineRecord engine, string? fingerprint) in engines)
        {
            Try(() => Approve(admin, engine, fingerprint), engine.Name);
        }
    }

    private void Approve(ConsoleAdmin admin, EngineRecord engine, string? fingerprint)
    {
        Fingerprint compared = fingerprint is null
            ? engine.ObservedFingerprint : InputParser.ReadFingerprint(fingerprint);
        if (compared.IsEmpty)
        {
            throw new ScanEngineException(
                FaultCode.EngineNotReachable,
                $"Engine '{engine.Name}' was not met yet, so there is no fingerprint to compare.",
                "Wait for the first contact, or give what its admin reads out: "
                + $"Approve-ScanEngine -Name '{engine.Name}' -Fingerprint <64 hex digits>.",
                engine.Name);
        }

        ConsoleAdmin.CheckApproval(engine, compared);
        if (ShouldProcess(
            $"Approve Scan Engine '{engine.Name}' with the fingerprint {compared}",
            $"Engine '{engine.Name}' (seen at {engine.ObservedAddress ?? engine.Address ?? "no address yet"}) has the "
            + $"fingerprint{Environment.NewLine}  {compared}{Environment.NewLine}"
            + "Is it the one that the engine's admin reads out?",
            "Approve Scan Engine"))
        {
            EngineRecord approved = admin.ApproveEngine(engine.PairingId, compared);
            if (PassThru)
            {
                WriteObject(EngineView.Of(admin, approved));
            }
        }
    }
}
