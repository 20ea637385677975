using System.Management.Automation;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Ends the pairing with a Scan Engine and removes it from the console.</para>
/// <para type="description">Its scans and their findings go with it; what it found for scans of
/// pools stays there. The engine is told at its next contact.</para>
/// </summary>
/// <example>
/// <code>Unregister-ScanEngine lab-1</code>
/// <para>Ends the pairing, after asking.</para>
/// </example>
[Cmdlet(VerbsLifecycle.Unregister, "ScanEngine", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(ScanEngine))]
public sealed class UnregisterScanEngineCommand : NamedEngineCommand
{
    /// <summary>
    /// <para>Returns the engine as it was.</para>
    /// </summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override void ProcessEngine(EngineRecord engine)
    {
        if (!ShouldProcess(engine.Name, "Unregister Scan Engine, with its scans and findings"))
        {
            return;
        }

        ScanEngine was = EngineView.Of(Admin, engine);
        Admin.UnregisterEngine(engine.PairingId);
        if (PassThru)
        {
            WriteObject(was);
        }
    }
}
