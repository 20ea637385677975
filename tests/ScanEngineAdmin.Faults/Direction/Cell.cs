using System.Globalization;
using ScanEngineAdmin.Domain.Directions;

namespace ScanEngineAdmin.Faults.Direction;

/// <summary>One cell of the matrix.</summary>
internal sealed record Cell(CommunicationDirection Start, DirectionFault Fault, bool Scanning)
{
    private static readonly bool[] Loads = [false, true];

    public CommunicationDirection To => Start == CommunicationDirection.ConsoleToEngine
        ? CommunicationDirection.EngineToConsole
        : CommunicationDirection.ConsoleToEngine;

    public string Name => string.Create(
        CultureInfo.InvariantCulture,
        $"{(Start == CommunicationDirection.ConsoleToEngine ? "standard" : "reverse"),-8} "
        + $"{Fault.Name,-22} {(Scanning ? "scan" : "idle")}");

    public static IEnumerable<Cell> All() =>
        from start in new[] { CommunicationDirection.ConsoleToEngine, CommunicationDirection.EngineToConsole }
        let to = new Cell(start, new DirectionFault(string.Empty, CellOutcome.New), false).To
        from fault in DirectionFault.For(to)
        from scanning in Loads
        select new Cell(start, fault, scanning);
}
