using System.Management.Automation;
using ScanEngineAdmin.Core.Console;
using ScanEngineAdmin.Core.Engines;

namespace ScanEngineAdmin.Pipeline;

/// <summary>Finds engines by name: a literal miss is an error, a wildcard miss is silence.</summary>
internal static class EngineSelection
{
    public static IReadOnlyList<EngineRecord> Select(Cmdlet cmdlet, IEnumerable<string>? names, ConsoleAdmin? admin)
    {
        IReadOnlyList<EngineRecord> engines = admin?.Store.ListEngines() ?? [];
        if (names is null)
        {
            return engines;
        }

        var found = new List<EngineRecord>();
        foreach (string name in names)
        {
            List<EngineRecord> hits = [.. engines.Where(engine => Matches(engine.Name, name))];
            if (hits.Count == 0 && !WildcardPattern.ContainsWildcardCharacters(name))
            {
                cmdlet.WriteError(FaultRecord.Of(Missing.Engine(name), name));
            }

            found.AddRange(hits.Where(hit => !found.Contains(hit)));
        }

        return found;
    }

    public static bool Matches(string name, string typed) =>
        name.Equals(typed, StringComparison.OrdinalIgnoreCase)
        || (WildcardPattern.ContainsWildcardCharacters(typed)
            && WildcardPattern.Get(typed, WildcardOptions.IgnoreCase).IsMatch(name));
}
