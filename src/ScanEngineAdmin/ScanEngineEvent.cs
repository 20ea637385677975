using ScanEngineAdmin.Core.Nodes;

namespace ScanEngineAdmin;

/// <summary>One line of the console's audit trail.</summary>
public sealed class ScanEngineEvent
{
    internal ScanEngineEvent(AuditEvent entry, string engineName)
    {
        Time = entry.Time.LocalDateTime;
        Event = entry.Event;
        EngineName = engineName;
        Actor = entry.Actor;
        Detail = entry.Detail;
    }

    public DateTime Time { get; }

    /// <summary>What was done, such as Paired, DirectionChanged, OfflineWishRequested.</summary>
    public string Event { get; }

    /// <summary>
    /// The engine's present name; the name it had, for one that is gone. In an engine's own trail: the console.
    /// </summary>
    public string EngineName { get; }

    /// <summary>Who did it: user@host, or the peer's observed address.</summary>
    public string Actor { get; }

    public string Detail { get; }

    public override string ToString() => $"{Time:u} {Event} {EngineName}: {Detail}";
}
