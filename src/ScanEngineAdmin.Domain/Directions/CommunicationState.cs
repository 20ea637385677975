namespace ScanEngineAdmin.Domain.Directions;

/// <summary>How the direction of an engine stands.</summary>
public enum CommunicationState
{
    /// <summary>Nothing is asked for and nothing is open.</summary>
    Settled,

    /// <summary>A change is under way and not decided.</summary>
    Changing,

    /// <summary>A change is decided, but the engine has not acknowledged it: both ways are open.</summary>
    InDoubt,

    /// <summary>Another direction is wanted; the console makes a change of it when the engine can be reached.</summary>
    PendingChange,

    /// <summary>Nothing is open, and the engine has not said its direction: it is not paired, or was not met since.</summary>
    Unknown,
}
