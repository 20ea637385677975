namespace ScanEngineAdmin.Domain.Schedules;

/// <summary>
/// What happens to runs of a schedule that were due while no console ran or nothing might scan. Stored by name: never
/// rename one.
/// </summary>
public enum MissedRunRule
{
    /// <summary>They are left out; the next one is at its time.</summary>
    Skip,

    /// <summary>One run makes up for all of them, as soon as one may begin.</summary>
    Once,
}
