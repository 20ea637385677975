using System.Management.Automation;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Directions;
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
    private readonly Gathered<(ConsoleRecord Console, string Fingerprint)> _gathered =
        new(one => one.Console.PairingId);

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

    private CommunicationDirection? Proposal => Bound(nameof(Direction), Direction);

    private int? NewPort => Bound(nameof(Port), Port);

    private protected override ConsoleRecord? ProcessConsole(ConsoleRecord console, Fingerprint fingerprint)
    {
        if (Address is null && NewPort is null && Proposal is null)
        {
            throw NotFound.Change("-Address, -Port and -Direction");
        }

        ConsoleAdmin.CheckTyped(null, Address, NewPort);
        _gathered.Add((console, fingerprint.ToString()));
        return null;
    }

    private protected override void Settle()
    {
        (ConsoleRecord Console, string Fingerprint)[] consoles = _gathered.TakeAll();
        if (Address is not null || NewPort is not null)
        {
            SingleEngine.CheckEndPoints(consoles.Select(
                one => (Address ?? one.Console.Address, NewPort ?? one.Console.Port)));
        }

        foreach ((ConsoleRecord console, string fingerprint) in consoles)
        {
            Try(() => Set(OpenedAdmin, console, fingerprint), fingerprint);
        }
    }

    private void Set(EngineAdmin admin, ConsoleRecord console, string fingerprint)
    {
        if (!ShouldProcess(fingerprint, "Set Security Console"))
        {
            return;
        }

        ConsoleRecord changed = admin.SetConsole(console.PairingId, Address, NewPort, Proposal);
        if (PassThru)
        {
            WriteObject(new EngineConsole(changed, admin.Folder.Root));
        }
    }
}
