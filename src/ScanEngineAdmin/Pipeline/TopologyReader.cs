using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Topology;

namespace ScanEngineAdmin.Pipeline;

/// <summary>Reads what a topology is made of.</summary>
internal static class TopologyReader
{
    /// <param name="admin">The console's data.</param>
    /// <param name="engines">The engines to show.</param>
    /// <param name="all">Whether pools are shown that none of them is in.</param>
    public static TopologySource Read(ConsoleAdmin admin, IReadOnlyList<EngineRecord> engines, bool all)
    {
        NodeInfo info = admin.Describe();
        HashSet<Guid> shown = [.. engines.Select(static engine => engine.PairingId)];
        var pools = new List<(string, IReadOnlyCollection<Guid>)>();
        foreach (var pool in admin.Store.ListPools())
        {
            Guid[] members = [.. admin.Store.ListPoolMembers(pool.PoolId).Select(static m => m.PairingId)
                .Where(shown.Contains)];
            if (all || members.Length > 0)
            {
                pools.Add((pool.Name, members));
            }
        }

        return new TopologySource
        {
            Now = TimeProvider.System.GetUtcNow(),
            Console = new TopologyConsole(
                Environment.MachineName,
                info.IsRunning,
                info.Node?.EndPoint,
                info.Node?.ListensAt?.Port,
                info.Fingerprint.IsEmpty ? null : info.Fingerprint.ToString()),
            Engines = [.. engines.Select(engine => StoredStatus.Shown(engine, info.IsRunning))],
            Pools = pools,
            Changes = [.. admin.Store.ListChanges(openOnly: true).Where(change => shown.Contains(change.PairingId))],
            Pending = [.. admin.Store.ListPendingChanges().Where(change => shown.Contains(change.PairingId))],
        };
    }

    /// <summary>The drift of this host's filter as far as it is the console's, or of no pairing.</summary>
    public static async Task<TopologyFilter> ReadFilterAsync(
        DataFolder folder, bool all, CancellationToken cancellationToken)
    {
        using var host = new FirewallHostData(folder);
        FirewallHostDrift drift;
        try
        {
            drift = await host.DriftAsync(null, folder.Root, cancellationToken).ConfigureAwait(false);
        }
        catch (ScanEngineException exception) when (
            exception.Code is FaultCode.FirewallAccessDenied or FaultCode.ProviderUnavailable)
        {
            // The rest is shown all the same, and this in the place of the filter.
            return new TopologyFilter(null, $"{exception.Message} {exception.Recommendation}", []);
        }

        var owners = drift.Pairings.SelectMany(static p => FirewallHostData.RuleIds(p).Select(id => (id, p)))
            .DistinctBy(static x => x.id).ToDictionary(static x => x.id, static x => x.p, StringComparer.Ordinal);
        var rows = drift.Rows.Where(static row => row.SideIndicator != "==")
            .Select(row => (Owner: owners.TryGetValue(row.RuleId, out var owner) ? owner : default, Row: row))
            .Where(x => x.Owner.Pairing is null ? all : x.Owner.Role == NodeRole.Console);
        return new TopologyFilter(
            drift.Owner.Provider?.ToString(), drift.Owner.Reason, [.. rows.Select(static x => (x.Owner.Pairing?.Name, x.Row))]);
    }
}
