using System.Collections;

namespace ScanEngineAdmin.Completion;

/// <summary>Completes the ids of the time zones that this host knows.</summary>
internal sealed class TimeZoneCompleter : StoreCompleter
{
    private protected override IEnumerable<(string Text, string Tip)> Known(IDictionary bound, string typed) =>
        TimeZoneInfo.GetSystemTimeZones().Select(zone => (zone.Id, zone.DisplayName)).OrderBy(zone => zone.Id);
}
