using System.Management.Automation;
using ScanEngineAdmin.Core.Engines;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Renames a Scan Engine or changes where the console dials it.</para>
/// <para type="description">The direction is changed by Set-ScanEngineCommunication.</para>
/// </summary>
/// <example>
/// <code>Set-ScanEngine lab-1 -NewName lab-berlin</code>
/// <para>Renames it.</para>
/// </example>
/// <example>
/// <code>Set-ScanEngine lab-1 -Address 10.1.2.3 -Port 40814</code>
/// <para>Where the console dials it from now on.</para>
/// </example>
[Cmdlet(VerbsCommon.Set, "ScanEngine", SupportsShouldProcess = true)]
[OutputType(typeof(ScanEngine))]
public sealed class SetScanEngineCommand : NamedEngineCommand
{
    /// <summary>
    /// <para>The new name.</para>
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? NewName { get; set; }

    /// <summary>
    /// <para>The host name or address at which the console dials the engine.</para>
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Address { get; set; }

    /// <summary>
    /// <para>The TCP port at which the console dials the engine.</para>
    /// </summary>
    [Parameter]
    [ValidateRange(1, 65535)]
    public int Port { get; set; }

    /// <summary>
    /// <para>Returns the engine.</para>
    /// </summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override void ProcessEngine(EngineRecord engine)
    {
        int? port = MyInvocation.BoundParameters.ContainsKey(nameof(Port)) ? Port : null;
        if (NewName is null && Address is null && port is null)
        {
            throw Missing.Change("-NewName, -Address and -Port");
        }

        if (!ShouldProcess(engine.Name, "Set Scan Engine"))
        {
            return;
        }

        EngineRecord changed = Admin.SetEngine(engine.PairingId, NewName, Address, port);
        if (PassThru)
        {
            WriteObject(EngineView.Of(Admin, changed));
        }
    }
}
