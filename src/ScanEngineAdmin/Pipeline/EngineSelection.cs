using System.Management.Automation;
using ScanEngineAdmin.Core;
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
            try
            {
                List<EngineRecord> hits = [.. engines.Where(engine => Matches(engine.Name, name))];
                if (hits.Count == 0 && !WildcardPattern.ContainsWildcardCharacters(name))
                {
                    throw Missing.Engine(name);
                }

                found.AddRange(hits.Where(hit => !found.Contains(hit)));
            }
            catch (ScanEngineException fault)
            {
                cmdlet.WriteError(FaultRecord.Of(fault, name));
            }
        }

        return found;
    }

    /// <exception cref="ScanEngineException">EngineNameInvalid: what was typed is no pattern either.</exception>
    public static bool Matches(string name, string typed)
    {
        try
        {
            return name.Equals(typed, StringComparison.OrdinalIgnoreCase)
                || (WildcardPattern.ContainsWildcardCharacters(typed)
                    && WildcardPattern.Get(typed, WildcardOptions.IgnoreCase).IsMatch(name));
        }
        catch (WildcardPatternException e)
        {
            throw new ScanEngineException(
                FaultCode.EngineNameInvalid,
                $"'{typed}' is neither a name nor a wildcard pattern.",
                "Close every [ with a ], or write `[ for the character itself.",
                typed,
                e);
        }
    }
}
