using System.Management.Automation;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Scans;

namespace ScanEngineAdmin.Pipeline;

/// <summary>Finds pools by name: a literal miss is an error, a wildcard miss is silence.</summary>
internal static class PoolSelection
{
    /// <summary>The engines that are named; nothing is done to a pool while one of them is not there.</summary>
    /// <exception cref="ScanEngineException">EngineNotFound.</exception>
    public static Guid[] Members(IEnumerable<string>? names, ConsoleAdmin admin)
    {
        var members = new HashSet<Guid>();
        foreach (string name in names ?? [])
        {
            if (WildcardPattern.ContainsWildcardCharacters(name))
            {
                members.UnionWith(admin.Store.ListEngines().Where(engine => EngineSelection.Matches(engine.Name, name))
                    .Select(engine => engine.PairingId));
            }
            else
            {
                members.Add((admin.Store.FindEngine(name) ?? throw NotFound.Engine(name)).PairingId);
            }
        }

        return [.. members];
    }

    public static IReadOnlyList<EnginePool> Select(ScanEngineCommand cmdlet, IEnumerable<string>? names, ConsoleAdmin? admin)
    {
        IReadOnlyList<EnginePool> all = admin?.Store.ListPools() ?? [];
        if (names is null)
        {
            return all;
        }

        var found = new List<EnginePool>();
        foreach (string name in names)
        {
            try
            {
                EnginePool[] hits = [.. all.Where(pool => EngineSelection.Matches(pool.Name, name))];
                if (hits.Length == 0 && !WildcardPattern.ContainsWildcardCharacters(name))
                {
                    throw PoolAdmin.NotFound(name);
                }

                found.AddRange(hits.Except(found));
            }
            catch (ScanEngineException fault)
            {
                cmdlet.Report(fault, name);
            }
        }

        return found;
    }
}
