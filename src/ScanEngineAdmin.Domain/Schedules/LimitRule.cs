namespace ScanEngineAdmin.Domain.Schedules;

/// <summary>
/// What happens to a run at its longest duration, or when a maintenance window begins. Stored by name: never rename one.
/// </summary>
public enum LimitRule
{
    /// <summary>It is stopped.</summary>
    Stop,

    /// <summary>It is suspended, and goes on where it was when an admin resumes it.</summary>
    Suspend,
}
