using ScanEngineAdmin.Core.Applier;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Directions;

namespace ScanEngineAdmin.Core.Engine;

/// <summary>
/// Which ways a pairing asks for: its direction's, both while a change is in doubt, and the one that this host's admin
/// proposes: where no packet passes the way in force, that is where the console can be met.
/// </summary>
internal static class WantedWays
{
    public static bool WantsListener(this ConsoleRecord console) =>
        console.NeedsListener() || console.Proposes(CommunicationDirection.ConsoleToEngine);

    /// <summary>Not by a proposal, which is only a chance to be met.</summary>
    public static bool NeedsListener(this ConsoleRecord console) => console.State != ConsoleState.Denied
        && RequiredWays.Lead(console, CommunicationDirection.ConsoleToEngine);

    public static bool WantsPoller(this ConsoleRecord console) => console.State != ConsoleState.Denied
        && (RequiredWays.Lead(console, CommunicationDirection.EngineToConsole)
            || console.Proposes(CommunicationDirection.EngineToConsole));

    public static bool Proposes(this ConsoleRecord console, CommunicationDirection direction) =>
        console.State == ConsoleState.Paired && console.ProposedDirection == direction;
}
