using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin;

/// <summary>A Security Console as an engine knows it.</summary>
public sealed class EngineConsole
{
    internal EngineConsole(ConsoleRecord console, string dataPath)
    {
        Fingerprint = console.Pins.Count > 0 ? console.Pins[0].ToString() : null;
        ObservedAddress = console.ObservedAddress ?? console.Address;
        EngineName = console.EngineName;
        ConsoleAddress = console.Address;
        ConsolePort = console.Port;
        Direction = console.Direction;
        ProposedDirection = console.ProposedDirection;
        State = console.State;
        FirstSeen = console.FirstSeen.LocalDateTime;
        LastSeen = InputParser.Local(console.LastSeen);
        DataPath = dataPath;
    }

    /// <summary>The identity it showed or was confirmed with; none while it was never met.</summary>
    public string? Fingerprint { get; }

    /// <summary>Where it was last seen, as this host saw it; else where it is dialled.</summary>
    public string? ObservedAddress { get; }

    /// <summary>The name that this engine goes by at the console.</summary>
    public string EngineName { get; }

    /// <summary>Where this engine dials the console, if that was ever said.</summary>
    public string? ConsoleAddress { get; }

    public int ConsolePort { get; }

    public CommunicationDirection Direction { get; }

    /// <summary>What was proposed (Set-EngineConsole -Direction), until the console has taken it up.</summary>
    public CommunicationDirection? ProposedDirection { get; }

    public ConsoleState State { get; }

    public DateTime FirstSeen { get; }

    public DateTime? LastSeen { get; }

    /// <summary>The data folder of the engine that knows it.</summary>
    public string DataPath { get; }

    public override string ToString() => Fingerprint ?? ObservedAddress ?? string.Empty;
}
