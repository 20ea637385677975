using System.Management.Automation;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Engine;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Denies a Security Console the use of this Scan Engine.</para>
/// <para type="description">It is told so, and is not listed as pending again. A console that was approved before loses
/// the engine.</para>
/// </summary>
[Cmdlet(VerbsLifecycle.Deny, "EngineConsole", SupportsShouldProcess = true)]
[OutputType(typeof(EngineConsole))]
public sealed class DenyEngineConsoleCommand : NamedConsoleCommand
{
    private protected override ConsoleRecord? ProcessConsole(ConsoleRecord console, Fingerprint fingerprint) =>
        ShouldProcess(fingerprint.ToString(), "Deny Security Console") ? Admin.DenyConsole(console.PairingId) : null;
}
