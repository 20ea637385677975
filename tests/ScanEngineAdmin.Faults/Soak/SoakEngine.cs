using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Core.Directions;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;

namespace ScanEngineAdmin.Faults.Soak;

/// <summary>One engine: its host, what its own store says, and what the console's store says of it.</summary>
internal sealed class SoakEngine(SoakHost host, EngineAdmin admin, ConsoleAdmin console)
{
    public SoakHost Host { get; } = host;

    public EngineAdmin Admin { get; } = admin;

    public Guid PairingId { get; set; }

    public EngineRecord Registered => console.Store.GetEngine(PairingId)!;

    public ConsoleRecord Paired => Admin.Store.GetConsole(PairingId)!;

    /// <summary>The port that the direction in force does not use.</summary>
    public int OtherPort => Registered.Direction == CommunicationDirection.ConsoleToEngine
        ? SoakLab.ConsolePort
        : SoakLab.EnginePort;

    /// <summary>The other direction, with the addresses that it needs.</summary>
    public DirectionChangeRequest Request(SoakHost consoleHost, TimeSpan timeout) =>
        Registered.Direction == CommunicationDirection.EngineToConsole
            ? new DirectionChangeRequest
            {
                Direction = CommunicationDirection.ConsoleToEngine,
                Address = $"{Host.Address}",
                Port = SoakLab.EnginePort,
                Timeout = timeout,
            }
            : new DirectionChangeRequest
            {
                Direction = CommunicationDirection.EngineToConsole,
                ConsoleAddress = $"{consoleHost.Address}",
                ConsolePort = SoakLab.ConsolePort,
                Timeout = timeout,
            };
}
