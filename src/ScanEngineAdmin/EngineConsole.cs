using ScanEngineAdmin.Core.Direction;
using ScanEngineAdmin.Core.Engine;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin;

/// <summary>A Security Console as an engine knows it.</summary>
public sealed class EngineConsole
{
    internal EngineConsole(ConsoleRecord console)
    {
        Fingerprint = console.Pins.Count > 0 ? console.Pins[0].ToString() : null;
        ObservedAddress = console.ObservedAddress ?? console.Address;
        Direction = console.Direction;
        State = console.State;
        FirstSeen = console.FirstSeen.LocalDateTime;
        LastSeen = Typed.Local(console.LastSeen);
    }

    /// <summary>The identity it showed or was confirmed with; none while it was never met.</summary>
    public string? Fingerprint { get; }

    /// <summary>Where it was last seen, as this host saw it; else where it is dialled.</summary>
    public string? ObservedAddress { get; }

    public CommunicationDirection Direction { get; }

    public ConsoleState State { get; }

    public DateTime FirstSeen { get; }

    public DateTime? LastSeen { get; }

    public override string ToString() => Fingerprint ?? ObservedAddress ?? string.Empty;
}
