using System.Management.Automation;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Schedules;

namespace ScanEngineAdmin.Pipeline;

/// <summary>Finds schedules by name: a literal miss is an error, a wildcard miss is silence.</summary>
internal static class ScheduleSelection
{
    public static IReadOnlyList<ScheduleRecord> Select(ScanEngineCommand cmdlet, IEnumerable<string>? names, ConsoleAdmin? admin)
    {
        IReadOnlyList<ScheduleRecord> all = admin?.Store.ListSchedules() ?? [];
        if (names is null)
        {
            return all;
        }

        var found = new List<ScheduleRecord>();
        foreach (string name in names)
        {
            try
            {
                List<ScheduleRecord> hits = [.. all.Where(schedule => EngineSelection.Matches(schedule.Name, name))];
                if (hits.Count == 0 && !WildcardPattern.ContainsWildcardCharacters(name))
                {
                    throw ScheduleFaults.NotFound(name);
                }

                found.AddRange(hits.Where(hit => !found.Contains(hit)));
            }
            catch (ScanEngineException fault)
            {
                cmdlet.Report(fault, name);
            }
        }

        return found;
    }
}
