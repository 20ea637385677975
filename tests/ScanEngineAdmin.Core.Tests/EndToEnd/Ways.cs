using ScanEngineAdmin.Domain.Directions;

namespace ScanEngineAdmin.Core.Tests.EndToEnd;

/// <summary>Both directions, for theories: what works one way has to work the other way.</summary>
public static class Ways
{
    public static TheoryData<CommunicationDirection> Both { get; } =
        [CommunicationDirection.ConsoleToEngine, CommunicationDirection.EngineToConsole];

    public static CommunicationDirection Other(CommunicationDirection way) =>
        way == CommunicationDirection.ConsoleToEngine
            ? CommunicationDirection.EngineToConsole
            : CommunicationDirection.ConsoleToEngine;
}
