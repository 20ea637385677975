namespace ScanEngineAdmin.Domain.Directions;

/// <summary>
/// Where a change of direction stands. Up to <see cref="Proving"/> it is undecided; the console alone decides, by
/// writing <see cref="Committed"/> or <see cref="RolledBack"/>.
/// </summary>
public enum ChangeState
{
    /// <summary>A request in the store; nothing was touched.</summary>
    Requested,

    /// <summary>The engine was asked, or is being asked, to open the new way beside the old.</summary>
    Preparing,

    /// <summary>The new way is being proved by a round trip.</summary>
    Proving,

    /// <summary>
    /// The new direction is in force. The engine may not know yet: see <see cref="ChangeRecord.Acknowledged"/>.
    /// </summary>
    Committed,

    /// <summary>The old direction is in force.</summary>
    RolledBack,
}
