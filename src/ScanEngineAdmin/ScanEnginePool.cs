using ScanEngineAdmin.Domain.Scans;

namespace ScanEngineAdmin;

/// <summary>Engines that share scans.</summary>
public sealed class ScanEnginePool
{
    internal ScanEnginePool(EnginePool pool, IReadOnlyList<PoolMember> members, string dataPath)
    {
        PoolName = pool.Name;
        Engines = new TextList(members.Select(member => member.Name));
        ActiveEngines = new TextList(members.Where(member => member.IsPaired && member.IsActive)
            .Select(member => member.Name));
        AwayAfter = pool.AwayAfter;
        Created = pool.Created.LocalDateTime;
        DataPath = dataPath;
    }

    public string PoolName { get; }

    /// <summary>The engines that are in it.</summary>
    public TextList Engines { get; }

    /// <summary>Those of them that are in contact, and are given parts of scans.</summary>
    public TextList ActiveEngines { get; }

    /// <summary>How long an engine has a part of a scan, and may be away with it.</summary>
    public TimeSpan AwayAfter { get; }

    public DateTime Created { get; }

    /// <summary>The data folder of the console whose pool it is.</summary>
    public string DataPath { get; }

    public override string ToString() => PoolName;
}
