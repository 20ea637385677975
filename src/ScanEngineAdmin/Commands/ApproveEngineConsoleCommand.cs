using System.Management.Automation;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Lets a Security Console use this Scan Engine, after its fingerprint was compared.</para>
/// <para type="description">The prompt shows the fingerprint. Compare it with what the console's admin reads out
/// ((Get-SecurityConsole).Fingerprint on the console) before saying yes.</para>
/// </summary>
/// <example>
/// <code>Get-EngineConsole | Where-Object State -EQ Pending | Approve-EngineConsole</code>
/// <para>Shows the fingerprint of each console that waits, and asks.</para>
/// </example>
[Cmdlet(VerbsLifecycle.Approve, "EngineConsole", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(EngineConsole))]
public sealed class ApproveEngineConsoleCommand : NamedConsoleCommand
{
    private protected override ConsoleRecord? ProcessConsole(ConsoleRecord console, Fingerprint fingerprint) =>
        ShouldProcess(
            $"Approve the Security Console with the fingerprint {fingerprint}",
            $"The console seen at {console.ObservedAddress ?? "no address yet"} has the fingerprint"
            + $"{Environment.NewLine}  {fingerprint}{Environment.NewLine}"
            + "Is it the one that the console's admin reads out?",
            "Approve Security Console")
            ? Admin.ApproveConsole(console.PairingId, fingerprint)
            : null;
}
