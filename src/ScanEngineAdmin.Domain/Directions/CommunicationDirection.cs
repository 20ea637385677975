using System.ComponentModel;

namespace ScanEngineAdmin.Domain.Directions;

/// <summary>Which side dials. Once the channel is open it makes no difference any more.</summary>
[TypeConverter(typeof(DirectionConverter))]
public enum CommunicationDirection
{
    /// <summary>Standard: the console dials the engine, TCP 40814 inbound at the engine.</summary>
    ConsoleToEngine,

    /// <summary>Reverse: the engine polls the console, TCP 40815 inbound at the console.</summary>
    EngineToConsole,
}
