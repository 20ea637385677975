using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Core.Admin;

/// <summary>What an admin does to the pools of engines.</summary>
internal sealed class PoolAdmin
{
    private readonly IConsoleStore _store;
    private readonly NodeClient _client;

    internal PoolAdmin(IConsoleStore store, NodeClient client)
    {
        _store = store;
        _client = client;
    }

    /// <summary>Makes one. Throws OptionInvalid, PoolNameInUse, EngineNotFound.</summary>
    public EnginePool Add(string name, IReadOnlyCollection<Guid> members, TimeSpan? awayAfter = null)
    {
        CheckName(name, null);
        CheckTerms(awayAfter, members.Count);
        var pool = new EnginePool
        {
            PoolId = Guid.NewGuid(),
            Name = name,
            AwayAfter = awayAfter ?? EnginePool.DefaultAwayAfter,
            Created = _client.Time.GetUtcNow(),
        };
        _store.AddPool(pool, members, Note(Events.PoolAdded, pool, $"{members.Count} engines"));
        _client.Ring();
        return pool;
    }

    /// <summary>
    /// Changes one. What an engine that leaves has of a scan it goes on with. Throws as <see cref="Add"/>, and
    /// PoolNotFound.
    /// </summary>
    public EnginePool Set(
        EnginePool pool,
        string? newName,
        TimeSpan? awayAfter,
        IReadOnlyCollection<Guid> add,
        IReadOnlyCollection<Guid> remove)
    {
        CheckSet(pool, newName, awayAfter, add);
        EnginePool changed = _store.UpdatePool(
            pool.PoolId,
            now => now with { Name = newName ?? now.Name, AwayAfter = awayAfter ?? now.AwayAfter },
            add,
            remove,
            Note(Events.PoolSet, pool, $"{add.Count} engines added, {remove.Count} taken out"))
            ?? throw NotFound(pool.Name);
        _client.Ring();
        return changed;
    }

    /// <summary>What <see cref="Set"/> would refuse; writes nothing.</summary>
    public void CheckSet(EnginePool pool, string? newName, TimeSpan? awayAfter, IReadOnlyCollection<Guid> add)
    {
        if (newName is not null)
        {
            CheckName(newName, pool.PoolId);
        }

        IEnumerable<Guid> members = _store.ListPoolMembers(pool.PoolId).Select(member => member.PairingId);
        CheckTerms(awayAfter, members.Union(add).Count());
    }

    /// <summary>Throws PoolInUse while it has scans that are not finished, PoolNotFound.</summary>
    public void Remove(EnginePool pool)
    {
        if (!_store.RemovePool(pool.PoolId, Note(Events.PoolRemoved, pool, string.Empty)))
        {
            throw NotFound(pool.Name);
        }

        _client.Ring();
    }

    /// <summary>Throws OptionInvalid, PoolNameInUse.</summary>
    public void CheckName(string name, Guid? poolId)
    {
        if (EngineName.Flaw(name) is { } flaw)
        {
            throw new ScanEngineException(
                FaultCode.OptionInvalid,
                $"'{name}' is not a name for a pool: {flaw}.",
                $"Use 1 to {EngineName.MaxLength} letters of one script, digits, '.', '_', '-' and blanks inside.",
                name);
        }

        if (_store.FindPool(name) is { } other && other.PoolId != poolId)
        {
            throw new ScanEngineException(
                FaultCode.PoolNameInUse,
                $"There is a pool named '{other.Name}' already.",
                $"Choose another name, or change that one: Set-ScanEnginePool -PoolName '{other.Name}'.",
                name);
        }
    }

    internal static ScanEngineException NotFound(string name) => new(
        FaultCode.PoolNotFound,
        $"There is no pool named '{name}'.",
        "List what there is with Get-ScanEnginePool, or make it: "
            + $"New-ScanEnginePool -PoolName '{name.Replace("'", "''", StringComparison.Ordinal)}' -Engine <names>.",
        name);

    private static void CheckTerms(TimeSpan? awayAfter, int members)
    {
        if (awayAfter < EnginePool.MinAwayAfter || awayAfter > EnginePool.MaxAwayAfter)
        {
            throw new ScanEngineException(
                FaultCode.OptionInvalid,
                $"AwayAfter is {awayAfter}.",
                $"Give -AwayAfter from {EnginePool.MinAwayAfter.TotalMinutes:0} minute to "
                    + $"{EnginePool.MaxAwayAfter.TotalDays:0} day.");
        }

        if (members > EnginePool.MaxMembers)
        {
            throw new ScanEngineException(
                FaultCode.OptionInvalid,
                $"A pool of {members} engines is too large.",
                $"A pool may have {EnginePool.MaxMembers}: make several.");
        }
    }

    private AuditEvent Note(string name, EnginePool pool, string detail) =>
        _client.Note(name, null, pool.Name, detail);
}
