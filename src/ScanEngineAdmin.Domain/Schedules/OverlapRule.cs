namespace ScanEngineAdmin.Domain.Schedules;

/// <summary>
/// What happens to a run that is due while the one before is not finished. Stored by name: never rename one.
/// </summary>
public enum OverlapRule
{
    /// <summary>It is left out.</summary>
    Skip,

    /// <summary>It begins when the one before has finished; one waits at most.</summary>
    Queue,
}
