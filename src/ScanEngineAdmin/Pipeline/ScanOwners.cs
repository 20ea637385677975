using System.Management.Automation;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Domain.Scans;

namespace ScanEngineAdmin.Pipeline;

/// <summary>Whose scans a name means: an engine's, and those that a pool of that name shares.</summary>
internal static class ScanOwners
{
    /// <summary>Their ids; a literal name that is neither's is an error.</summary>
    public static HashSet<Guid> Select(ScanEngineCommand cmdlet, IEnumerable<string>? names, ConsoleAdmin? admin)
    {
        IReadOnlyList<EnginePool> pools = admin?.Store.ListPools() ?? [];
        var owners = new HashSet<Guid>();
        var engines = new List<string>();
        foreach (string name in names ?? [])
        {
            bool literal = !WildcardPattern.ContainsWildcardCharacters(name);
            Guid[] named = literal
                ? [.. pools.Where(pool => pool.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(Id)]
                : [.. pools.Where(pool => IsLike(pool.Name, name)).Select(Id)];
            owners.UnionWith(named);
            if (!literal || named.Length == 0 || admin?.Store.FindEngine(name) is not null)
            {
                engines.Add(name);
            }
        }

        owners.UnionWith(EngineSelection.Select(cmdlet, engines, admin).Select(engine => engine.PairingId));
        return owners;
    }

    private static Guid Id(EnginePool pool) => pool.PoolId;

    // A pattern that is none is said where engines are looked for.
    private static bool IsLike(string name, string pattern)
    {
        try
        {
            return EngineSelection.Matches(name, pattern);
        }
        catch (Domain.Faults.ScanEngineException)
        {
            return false;
        }
    }
}
