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
    private readonly Gathered<(ConsoleRecord Console, string Fingerprint, Wanted Wanted)> _gathered =
        new(one => one.Console.PairingId, one => one.Wanted);

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
        string name = fingerprint.ToString();
        var wanted = new Wanted(Address, PortCellAttribute.Check(this, nameof(Port), Port, name), Direction);
        if (wanted is { Address: null, Port: null, Direction: null })
        {
            throw NotFound.Change("-Address, -Port and -Direction");
        }

        ConsoleAdmin.CheckTyped(null, wanted.Address, wanted.Port);
        _gathered.Add((console, name, wanted), name);
        return null;
    }

    private protected override void Settle()
    {
        (ConsoleRecord Console, string Fingerprint, Wanted Wanted)[] changes = _gathered.TakeAll();
        SingleEngine.CheckEndPoints(changes
            .Where(one => one.Wanted.Address is not null || one.Wanted.Port is not null)
            .Select(one => (one.Wanted.Address ?? one.Console.Address, one.Wanted.Port ?? one.Console.Port)));
        foreach ((ConsoleRecord console, string name, Wanted wanted) in changes)
        {
            Try(() => Set(OpenedAdmin, console, name, wanted), name);
        }
    }

    private void Set(EngineAdmin admin, ConsoleRecord console, string name, Wanted wanted)
    {
        if (!ShouldProcess(name, "Set Security Console"))
        {
            return;
        }

        ConsoleRecord changed = admin.SetConsole(
            console.PairingId, wanted.Address, wanted.Port, wanted.Direction);
        if (PassThru)
        {
            WriteObject(new EngineConsole(changed, admin.Folder.Root));
        }
    }

    /// <summary>What is to become of a console: each row of a file may want something else.</summary>
    private sealed record Wanted(string? Address, int? Port, CommunicationDirection? Direction);
}
