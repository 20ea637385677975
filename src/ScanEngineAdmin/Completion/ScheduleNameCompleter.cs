using System.Collections;
using ScanEngineAdmin.Domain.Schedules;

namespace ScanEngineAdmin.Completion;

/// <summary>Completes the names of schedules.</summary>
internal sealed class ScheduleNameCompleter : StoreCompleter
{
    private protected override IEnumerable<(string Text, string Tip)> Known(IDictionary bound, string typed) =>
        StoreReader.Read<ScheduleRecord>(bound, store => store.ListScheduleTerms())
            .Select(schedule => (
                schedule.Name,
                $"{string.Join("; ", schedule.Cron)} ({schedule.TimeZone}){(schedule.Enabled ? string.Empty : ", disabled")}"));
}
