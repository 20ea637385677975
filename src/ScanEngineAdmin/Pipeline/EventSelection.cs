using System.Management.Automation;
using ScanEngineAdmin.Domain.Faults;

namespace ScanEngineAdmin.Pipeline;

/// <summary>Finds events by name: a wildcard that fits none is silence.</summary>
internal static class EventSelection
{
    /// <exception cref="ScanEngineException">OptionInvalid: no event has that literal name.</exception>
    public static void Check(IEnumerable<string>? names, IEnumerable<string> known)
    {
        foreach (string name in names ?? [])
        {
            if (!WildcardPattern.ContainsWildcardCharacters(name) && !known.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                throw new ScanEngineException(
                    FaultCode.OptionInvalid,
                    $"There is no event named '{name}' here.",
                    "Complete the name by the tab key, or use a wildcard: -Event 'Direction*'.",
                    name);
            }
        }
    }
}
