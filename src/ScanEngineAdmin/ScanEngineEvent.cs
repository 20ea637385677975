using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Nodes;

namespace ScanEngineAdmin;

/// <summary>One line of the console's audit trail.</summary>
public sealed class ScanEngineEvent
{
    internal ScanEngineEvent(AuditEvent entry, string engineName, NodeRole role, string dataPath)
    {
        Time = entry.Time.LocalDateTime;
        Event = entry.Event;
        EngineName = engineName;
        Actor = entry.Actor;
        Detail = entry.Detail;
        Role = role;
        DataPath = dataPath;
    }

    public DateTime Time { get; }

    /// <summary>What was done, such as Paired, DirectionChanged, PendingChangeRequested.</summary>
    public string Event { get; }

    /// <summary>
    /// The engine's present name; the name it had, for one that is gone. In an engine's own trail: the console.
    /// </summary>
    public string EngineName { get; }

    /// <summary>Who did it: user@host, or the peer's observed address.</summary>
    public string Actor { get; }

    public string Detail { get; }

    /// <summary>Whose trail it is: the console's or the engine's of the data folder.</summary>
    public NodeRole Role { get; }

    public string DataPath { get; }

    public override string ToString() => $"{Time:u} {Event} {EngineName}: {Detail}";
}
