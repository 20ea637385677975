using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;

namespace ScanEngineAdmin.Topology;

/// <summary>Makes a topology of the rows of a console's store: the same rows and time give the same topology.</summary>
internal static class TopologyBuilder
{
    public static TopologyModel Build(TopologySource source)
    {
        EngineRecord[] records = [.. source.Engines
            .OrderBy(static e => e.Name, StringComparer.OrdinalIgnoreCase)
            .ThenBy(static e => e.Name, StringComparer.Ordinal)
            .ThenBy(static e => e.PairingId)];
        (string Name, IReadOnlyCollection<Guid> Members)[] pools = [.. source.Pools
            .OrderBy(static p => p.Name, StringComparer.OrdinalIgnoreCase)
            .ThenBy(static p => p.Name, StringComparer.Ordinal)];
        ILookup<Guid, string> poolsOf = pools.SelectMany(static p => p.Members.Select(m => (m, p.Name)))
            .ToLookup(static x => x.m, static x => TopologyText.Clean(x.Name));
        Dictionary<Guid, TopologyChange> changes = Changes(source);
        TopologyEngine[] engines = [.. records.Select((record, index) => Engine(
            record, index, source.Console.Port, changes.GetValueOrDefault(record.PairingId),
            [.. poolsOf[record.PairingId]]))];
        return new TopologyModel(
            source.Now.ToUniversalTime(),
            source.Console with { Name = TopologyText.Clean(source.Console.Name) },
            engines,
            [.. Groups(records, engines, pools)],
            Firewall(source.Filter, records));
    }

    private static TopologyEngine Engine(
        EngineRecord record, int index, int? consolePort, TopologyChange? change, IReadOnlyList<string> pools) => new()
        {
            Index = index,
            Name = TopologyText.Clean(record.Name),
            Address = (record.Address ?? record.ObservedAddress) is { } address ? TopologyText.Clean(address) : null,
            Port = record.Direction == CommunicationDirection.EngineToConsole ? consolePort : record.Port,
            Direction = record.Direction,
            IsPaired = record.State == EngineState.Paired,
            Status = record.Status,
            StatusDetail = TopologyText.Clean(record.StatusDetail),
            LastContact = record.LastContact?.ToUniversalTime(),
            Version = record.Version is null ? null : TopologyText.Clean(record.Version),
            Change = change,
            Pools = pools,
        };

    // A change under way says more than the pending change that it was made of.
    private static Dictionary<Guid, TopologyChange> Changes(TopologySource source)
    {
        Dictionary<Guid, CommunicationDirection> inForce = source.Engines
            .ToDictionary(static e => e.PairingId, static e => e.Direction);
        Dictionary<Guid, TopologyChange> found = source.Pending
            .Where(p => inForce.TryGetValue(p.PairingId, out CommunicationDirection now) && now != p.Direction)
            .ToDictionary(
                static p => p.PairingId,
                static p => new TopologyChange(p.Direction, CommunicationState.PendingChange, p.Requested));
        foreach (ChangeRecord change in source.Changes.OrderBy(static c => c.Requested))
        {
            found[change.PairingId] = new TopologyChange(
                change.State == ChangeState.RolledBack ? change.From : change.To,
                change.IsDecided ? CommunicationState.InDoubt : CommunicationState.Changing,
                change.Requested);
        }

        return found;
    }

    private static IEnumerable<TopologyGroup> Groups(
        EngineRecord[] records, TopologyEngine[] engines, (string Name, IReadOnlyCollection<Guid> Members)[] pools)
    {
        Dictionary<Guid, TopologyEngine> byPairing = records.Zip(engines)
            .ToDictionary(static pair => pair.First.PairingId, static pair => pair.Second);
        foreach ((string name, IReadOnlyCollection<Guid> members) in pools)
        {
            yield return new TopologyGroup(
                TopologyText.Clean(name),
                Ordered(members.Distinct().Where(byPairing.ContainsKey).Select(member => byPairing[member])));
        }

        TopologyEngine[] others = Ordered(engines.Where(static engine => engine.Pools.Count == 0));
        if (others.Length > 0)
        {
            yield return new TopologyGroup(null, others);
        }
    }

    private static TopologyEngine[] Ordered(IEnumerable<TopologyEngine> engines) =>
        [.. engines.OrderBy(static e => StatusWord.Order(e.Status)).ThenBy(static e => e.Index)];

    private static TopologyFirewall? Firewall(TopologyFilter? filter, EngineRecord[] records)
    {
        if (filter is null)
        {
            return null;
        }

        Dictionary<string, int> byName = records.Select(static (record, index) => (record.Name, index))
            .ToDictionary(static x => x.Name, static x => x.index, StringComparer.OrdinalIgnoreCase);
        return new TopologyFirewall(
            filter.Provider,
            TopologyText.Clean(filter.Reason),
            [.. filter.Rows.Where(x => x.Engine is null || byName.ContainsKey(x.Engine)).Select(x => new TopologyDrift(
                x.Engine is null ? null : byName[x.Engine],
                TopologyDrift.KindOf(x.Row.SideIndicator),
                TopologyText.Clean(x.Row.RuleId),
                x.Row.Wanted?.LocalPort ?? x.Row.Installed?.Port,
                TopologyText.Clean(x.Row.Detail))).OrderBy(static d => d.Engine ?? int.MaxValue)
                .ThenBy(static d => d.RuleId, StringComparer.Ordinal)]);
    }
}
