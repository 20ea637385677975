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
    private readonly Gathered<Wanted> _gathered = new(one => one.Console.PairingId);

    /// <summary>
    /// <para>The host name or address at which the engine dials the console.</para>
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [RowValue]
    public string? Address { get; set; }

    /// <summary>
    /// <para>The TCP port at which the engine dials the console.</para>
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [PortCell]
    [RowValue]
    public int? Port { get; set; }

    /// <summary>
    /// <para>The direction to propose: ConsoleToEngine (Standard) or EngineToConsole (Reverse).</para>
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Direction(MayBeBlank = true)]
    [RowValue]
    public CommunicationDirection? Direction { get; set; }

    private protected override ConsoleRecord? ProcessConsole(ConsoleRecord console, Fingerprint fingerprint)
    {
        var wanted = new Wanted(
            console, fingerprint.ToString(), Address, PortCellAttribute.Check(Port, fingerprint.ToString()), Direction);
        if (wanted is { Address: null, Port: null, Direction: null })
        {
            throw NotFound.Change("-Address, -Port and -Direction");
        }

        ConsoleAdmin.CheckTyped(null, wanted.Address, wanted.Port);
        _gathered.Add(wanted, known => known with { Console = console } == wanted, wanted.Fingerprint);
        return null;
    }

    private protected override void Settle()
    {
        Wanted[] changes = _gathered.TakeAll();
        SingleEngine.CheckEndPoints(changes
            .Where(wanted => wanted.Address is not null || wanted.Port is not null)
            .Select(wanted => (wanted.Address ?? wanted.Console.Address, wanted.Port ?? wanted.Console.Port)));
        foreach (Wanted wanted in changes)
        {
            Try(() => Set(OpenedAdmin, wanted), wanted.Fingerprint);
        }
    }

    private void Set(EngineAdmin admin, Wanted wanted)
    {
        if (!ShouldProcess(wanted.Fingerprint, "Set Security Console"))
        {
            return;
        }

        ConsoleRecord changed = admin.SetConsole(
            wanted.Console.PairingId, wanted.Address, wanted.Port, wanted.Direction);
        if (PassThru)
        {
            WriteObject(new EngineConsole(changed, admin.Folder.Root));
        }
    }

    /// <summary>What is to become of a console: each row of a file may want something else.</summary>
    private sealed record Wanted(
        ConsoleRecord Console, string Fingerprint, string? Address, int? Port, CommunicationDirection? Direction);
}
