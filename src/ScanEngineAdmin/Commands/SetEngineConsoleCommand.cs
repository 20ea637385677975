using System.Management.Automation;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Direction;
using ScanEngineAdmin.Core.Engine;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Changes where this Scan Engine dials a Security Console, or proposes a direction to it.</para>
/// <para type="description">The console alone decides on directions; a proposal is taken up at its next contact. Until
/// then the engine keeps the proposed way open beside the one in force, so that the two can meet there if no packet
/// passes the other any more. To propose the direction in force takes a proposal back.</para>
/// </summary>
/// <example>
/// <code>Get-EngineConsole | Set-EngineConsole -Address console2.example.org</code>
/// <para>The console moved to another address.</para>
/// </example>
/// <example>
/// <code>Get-EngineConsole | Set-EngineConsole -Direction Standard</code>
/// <para>Proposes a direction to the console.</para>
/// </example>
[Cmdlet(VerbsCommon.Set, "EngineConsole", SupportsShouldProcess = true)]
[OutputType(typeof(EngineConsole))]
public sealed class SetEngineConsoleCommand : NamedConsoleCommand
{
    /// <summary>
    /// <para>The host name or address at which the engine dials the console.</para>
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Address { get; set; }

    /// <summary>
    /// <para>The TCP port at which the engine dials the console.</para>
    /// </summary>
    [Parameter]
    [ValidateRange(1, 65535)]
    public int Port { get; set; }

    /// <summary>
    /// <para>The direction to propose: ConsoleToEngine (Standard) or EngineToConsole (Reverse).</para>
    /// </summary>
    [Parameter]
    [Direction]
    public CommunicationDirection Direction { get; set; }

    private protected override ConsoleRecord? ProcessConsole(ConsoleRecord console, Fingerprint fingerprint)
    {
        int? port = MyInvocation.BoundParameters.ContainsKey(nameof(Port)) ? Port : null;
        CommunicationDirection? proposal =
            MyInvocation.BoundParameters.ContainsKey(nameof(Direction)) ? Direction : null;
        if (Address is null && port is null && proposal is null)
        {
            throw Missing.Change("-Address, -Port and -Direction");
        }

        if (!ShouldProcess(fingerprint.ToString(), "Set Security Console"))
        {
            return null;
        }

        return Admin.SetConsole(console.PairingId, Address, port, proposal);
    }
}
