using ScanEngineAdmin.Domain.Faults;

namespace ScanEngineAdmin.Domain.Schedules;

/// <summary>Reads cron expressions of five fields: minute, hour, day of month, month, day of week.</summary>
internal interface ICronReader
{
    /// <exception cref="ScanEngineException">ScheduleInvalid.</exception>
    ICron Read(string expression);
}
