using System.Management.Automation;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;

namespace ScanEngineAdmin.Pipeline;

/// <summary>Finds engines by name: a literal miss is an error, a wildcard miss is silence.</summary>
internal static class EngineSelection
{
    public static IReadOnlyList<EngineRecord> Select(ScanEngineCommand cmdlet, IEnumerable<string>? names, ConsoleAdmin? admin)
    {
        if (names is null)
        {
            return admin?.Store.ListEngines() ?? [];
        }

        IReadOnlyList<EngineRecord>? all = null;
        var found = new List<EngineRecord>();
        var seen = new HashSet<Guid>();
        foreach (string name in names)
        {
            try
            {
                if (!WildcardPattern.ContainsWildcardCharacters(name))
                {
                    Add(admin?.Store.FindEngine(name) ?? throw NotFound.Engine(name));
                    continue;
                }

                all ??= admin?.Store.ListEngines() ?? [];
                foreach (EngineRecord hit in all.Where(engine => Matches(engine.Name, name)))
                {
                    Add(hit);
                }
            }
            catch (ScanEngineException fault)
            {
                cmdlet.Report(fault, name);
            }
        }

        return found;

        void Add(EngineRecord engine)
        {
            if (seen.Add(engine.PairingId))
            {
                found.Add(engine);
            }
        }
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
