using System.Management.Automation;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Denies a Security Console the use of this Scan Engine.</para>
/// <para type="description">It is told so, and is not listed as pending again. A console that was approved before loses
/// the engine.</para>
/// </summary>
/// <example>
/// <code>Get-EngineConsole | Where-Object State -EQ Pending | Deny-EngineConsole</code>
/// <para>Turns away every console that waits.</para>
/// </example>
[Cmdlet(VerbsLifecycle.Deny, "EngineConsole", SupportsShouldProcess = true)]
[OutputType(typeof(EngineConsole))]
public sealed class DenyEngineConsoleCommand : NamedConsoleCommand
{
    private protected override ConsoleRecord? ProcessConsole(ConsoleRecord console, Fingerprint fingerprint) =>
        ShouldProcess(fingerprint.ToString(), "Deny Security Console") ? Admin.DenyConsole(console.PairingId) : null;
}
