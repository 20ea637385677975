using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Core.Applier;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Firewall.Applying;
using ScanEngineAdmin.Firewall.Planning;
using ScanEngineAdmin.Firewall.Providers;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Loading;

namespace ScanEngineAdmin.Pipeline;

/// <summary>What the nodes of this host (a console, an engine or both) know that matters for its firewall.</summary>
internal sealed class FirewallHostData : IDisposable
{
    private readonly ConsoleAdmin? _console;
    private readonly EngineAdmin? _engine;

    public FirewallHostData(DataFolder folder)
    {
        _console = Directory.Exists(folder.Console) ? ConsoleAdmin.Open(folder, Stores.Provider) : null;
        _engine = Directory.Exists(folder.Engine) ? EngineAdmin.Open(folder, Stores.Provider) : null;
    }

    public IEnumerable<NodeRole> Roles
    {
        get
        {
            if (_console is not null)
            {
                yield return NodeRole.Console;
            }

            if (_engine is not null)
            {
                yield return NodeRole.Engine;
            }
        }
    }

    /// <summary>The role that was named, or the only one that this host has.</summary>
    /// <exception cref="ScanEngineException">OptionInvalid: it has both or none, and none was named.</exception>
    public NodeRole Role(NodeRole? named) => named ?? (Roles.ToArray() is [var only] ? only : throw
        new ScanEngineException(
            FaultCode.OptionInvalid,
            Roles.Any()
                ? "This data folder has a console and an engine: it is not clear which half of the plan is meant."
                : "There is neither a console's nor an engine's data here to tell which half of the plan is meant.",
            "Name it with -Role Console or -Role Engine, and the data folder with -DataPath.",
            "Role"));

    /// <summary>What the store of that role says of the plan's change; null when there is none to ask.</summary>
    public FirewallPlanState? PlanState(FirewallPlan plan, NodeRole role) => role == NodeRole.Console
        ? _console is null ? null : PlanStateReader.OnConsole(_console.Store, plan)
        : _engine is null ? null : PlanStateReader.OnEngine(_engine.Store, plan);

    public async Task<IReadOnlyList<(NodeRole Role, FirewallNeighbour Pairing)>> PairingsAsync(
        CancellationToken cancellationToken)
    {
        var found = new List<(NodeRole, FirewallNeighbour)>();
        if (_console is not null)
        {
            found.AddRange((await FirewallPairings.OfConsoleAsync(_console.Store, cancellationToken)
                .ConfigureAwait(false)).Select(static p => (NodeRole.Console, p)));
        }

        if (_engine is not null)
        {
            found.AddRange((await FirewallPairings.OfEngineAsync(_engine.Store, cancellationToken)
                .ConfigureAwait(false)).Select(static p => (NodeRole.Engine, p)));
        }

        return found;
    }

    /// <summary>What those pairings need of this host's filter.</summary>
    public static IReadOnlyList<FirewallRule> Needed(
        IReadOnlyList<(NodeRole Role, FirewallNeighbour Pairing)> pairings, FirewallOwner? owner, bool deniesOutbound)
    {
        var host = new FirewallHost
        {
            Name = Environment.MachineName,
            Port = WellKnownPorts.Console,
            Provider = owner?.Provider,
            Nftables = owner?.Nftables ?? NftablesPlacement.Default,
            Policies = owner?.Policies ?? [],
            DeniesOutbound = deniesOutbound,
        };
        return [.. pairings.GroupBy(static p => p.Role, static p => p.Pairing)
            .SelectMany(group => FirewallPlanner.Needed(group.Key, host, [.. group]))];
    }

    /// <summary>What this host's filter lacks of it, has of it, and has besides.</summary>
    public async Task<FirewallHostDrift> DriftAsync(FirewallProvider? provider, string root, CancellationToken cancellationToken)
    {
        IReadOnlyList<(NodeRole Role, FirewallNeighbour Pairing)> pairings = await PairingsAsync(cancellationToken)
            .ConfigureAwait(false);
        var reader = new FirewallReader();
        (FirewallOwner owner, IReadOnlyList<InstalledFirewallRule> rules) = await reader.ReadHostAsync(
            provider, Ports(pairings), cancellationToken).ConfigureAwait(false);
        if (owner.Provider is not { } found)
        {
            return new FirewallHostDrift(owner, pairings, [], []);
        }

        IReadOnlyList<FirewallRule> needed = Needed(pairings, owner, deniesOutbound: true);
        IReadOnlyList<InstalledFirewallRule> elsewhere = await reader.OursElsewhereAsync(
            found, Ports(pairings), cancellationToken).ConfigureAwait(false);
        // What another manager has opens nothing in this one: it can be too much, and not what is lacking here.
        IReadOnlyList<FirewallDriftRow> rows = [
            .. FirewallDrift.Compare(needed, rules, found),
            .. FirewallDrift.Compare([], [.. elsewhere.Where(e => needed.All(n => n.RuleId != e.RuleId))], found)];
        var tools = HostTools.OfThisHost(null, root);
        IReadOnlyList<(string Folder, IReadOnlyList<FirewallRule>? Needs)> others =
            rows.All(static row => row.SideIndicator != "=>") ? [] : await OthersAsync(
                new KnownDataFolders(tools.Folder).Others(root, DataFolder.Usual), cancellationToken)
                .ConfigureAwait(false);
        return new FirewallHostDrift(
            owner,
            pairings,
            FirewallDrift.BesideOthers(
                await OpenWays.JudgeAsync(
                    tools,
                    rows,
                    async () => await reader.DeniesOutboundAsync(owner, cancellationToken).ConfigureAwait(false)
                        is true,
                    cancellationToken).ConfigureAwait(false),
                others),
            [.. others.SelectMany(static other => other.Needs ?? [])]);
    }

    private static async Task<IReadOnlyList<(string Folder, IReadOnlyList<FirewallRule>? Needs)>> OthersAsync(
        IReadOnlyList<(string Folder, bool HasNode)> folders, CancellationToken cancellationToken)
    {
        var others = new List<(string, IReadOnlyList<FirewallRule>?)>();
        foreach ((string folder, bool hasNode) in folders)
        {
            if (!hasNode)
            {
                others.Add((folder, null));
                continue;
            }

            try
            {
                using var host = new FirewallHostData(DataFolder.Resolve(folder));
                others.Add((folder, Needed(
                    await host.PairingsAsync(cancellationToken).ConfigureAwait(false), null, deniesOutbound: true)));
            }
            catch (Exception e) when (e is ScanEngineException or IOException or UnauthorizedAccessException)
            {
                others.Add((folder, null));
            }
        }

        return others;
    }

    /// <summary>The ids of all rules that a pairing can have here, whatever its direction.</summary>
    public static IEnumerable<string> RuleIds((NodeRole Role, FirewallNeighbour Pairing) one) =>
        Needed(
            [.. Enum.GetValues<CommunicationDirection>()
                .Select(d => (one.Role, one.Pairing with { Direction = d, Addresses = [] }))],
            null,
            deniesOutbound: true).Select(static r => r.RuleId);

    /// <summary>The ports that matter here: the usual ones, and those that pairings use.</summary>
    public static int[] Ports(IReadOnlyList<(NodeRole Role, FirewallNeighbour Pairing)> pairings) =>
        [.. pairings.Select(static p => p.Pairing.Port).Append(WellKnownPorts.Engine).Append(WellKnownPorts.Console)
            .Distinct().Order()];

    public void Dispose()
    {
        _console?.Dispose();
        _engine?.Dispose();
    }
}
