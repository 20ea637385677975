using ScanEngineAdmin.Core.Direction;

namespace ScanEngineAdmin.Core.Engine;

/// <summary>Which ways a pairing asks for: its direction's, and both while a change is in doubt.</summary>
internal static class WantedWays
{
    public static bool WantsListener(this ConsoleRecord console) => console.State != ConsoleState.Denied
        && (console.Direction == CommunicationDirection.ConsoleToEngine
            || console.ChangeTo == CommunicationDirection.ConsoleToEngine);

    public static bool WantsPoller(this ConsoleRecord console) => console.State != ConsoleState.Denied
        && (console.Direction == CommunicationDirection.EngineToConsole
            || console.ChangeTo == CommunicationDirection.EngineToConsole);
}
