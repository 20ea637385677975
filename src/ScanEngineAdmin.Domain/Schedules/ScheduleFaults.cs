using ScanEngineAdmin.Domain.Faults;

namespace ScanEngineAdmin.Domain.Schedules;

/// <summary>The faults of naming and describing a schedule.</summary>
internal static class ScheduleFaults
{
    public static ScanEngineException Invalid(string message, string recommendation, string? named = null) =>
        new(FaultCode.ScheduleInvalid, message, recommendation, named);

    public static ScanEngineException NotFound(string name) => new(
        FaultCode.ScheduleNotFound,
        $"There is no schedule named '{name}' at this console.",
        "List what there is with Get-EngineScanSchedule.",
        name);

    public static ScanEngineException InUse(string taken, string wanted) => new(
        FaultCode.ScheduleNameInUse,
        string.Equals(taken, wanted, StringComparison.OrdinalIgnoreCase)
            ? $"There is a schedule named '{taken}' already."
            : $"'{wanted}' looks like '{taken}', which is another schedule's name.",
        $"Choose another name, or change that one: Set-EngineScanSchedule '{taken}'.",
        wanted);

    public static ScanEngineException TooMany() => Invalid(
        $"A console has {ScheduleLimits.MaxSchedules} schedules at most.",
        "Remove some with Remove-EngineScanSchedule, or have one schedule scan more targets.");
}
