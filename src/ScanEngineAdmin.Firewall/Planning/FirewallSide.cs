using System.Net;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Firewall.Providers;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Firewall.Planning;

/// <summary>One host's half of a plan in the making: its needs, what it shares with others, and its rules.</summary>
internal sealed class FirewallSide
{
    private readonly FirewallPlanRequest _request;
    private readonly NodeRole _role;
    private readonly FirewallHost _host;
    private readonly FirewallHost _peer;
    private readonly IFirewallWriter? _writer;
    private readonly (FirewallNeighbour Who, FirewallNeed Need)[] _others;

    public FirewallSide(FirewallPlanRequest request, NodeRole role)
    {
        _request = request;
        _role = role;
        _host = role == NodeRole.Console ? request.Console : request.Engine;
        _peer = role == NodeRole.Console ? request.Engine : request.Console;
        _writer = _host.Provider is { } provider
            ? FirewallWriters.For(provider, _host.Nftables, _host.Policies)
            : null;
        IReadOnlyList<FirewallNeighbour> neighbours =
            role == NodeRole.Console ? request.OtherEngines : request.OtherConsoles;
        _others = neighbours
            .Where(n => n.PairingId != request.PairingId)
            .SelectMany(n => FirewallNeed.At(role, n.Direction, n.Port, n.Addresses, n.AllowFrom)
                .Select(need => (n, need)))
            .ToArray();
    }

    /// <summary>
    /// What this host must let through under a direction. Out matters only where not everything may go out.
    /// </summary>
    public IEnumerable<FirewallNeed> Needs(CommunicationDirection direction) => Needs(direction, Port(direction));

    /// <summary>What it had to let through at the port that was left, where the direction stays.</summary>
    public IEnumerable<FirewallNeed> Left() => _request.LeftPort is { } port && port != Port(_request.From)
        ? Needs(_request.From, port)
        : [];

    /// <summary>Whether it dials under that direction and nobody knows if it may.</summary>
    public bool MayNeedMore(CommunicationDirection direction) =>
        FirewallNeed.Acceptor(direction) != _role && _host.DeniesOutbound is null;

    public FirewallRule Unchanged(FirewallNeed need) =>
        Rule(need, RuleChange.Keep, FirewallReason.Unchanged(_request, need, _peer));

    public void Opened(FirewallNeed need, List<FirewallRule> adds, List<FirewallRule> keeps)
    {
        (FirewallNeed? own, FirewallNeed? shared, string who) = Split(need);
        if (own is not null)
        {
            adds.Add(Rule(own, RuleChange.Add, FirewallReason.Opened(_request, own, _peer)));
        }

        if (shared is not null)
        {
            keeps.Add(Rule(shared, RuleChange.Keep, FirewallReason.AlreadyOpen(who)));
        }
    }

    public void Closed(FirewallNeed need, List<FirewallRule> removes, List<FirewallRule> keeps)
    {
        (FirewallNeed? own, FirewallNeed? shared, string who) = Split(need);
        if (own is not null)
        {
            removes.Add(Rule(own, RuleChange.Remove, FirewallReason.Closed(_request, own)));
        }

        if (shared is not null)
        {
            keeps.Add(Rule(shared, RuleChange.Keep, FirewallReason.SameRule(who)));
        }

        var still = _others.Where(o => o.Need.SharesRule(need)).ToArray();
        if (still.Length > 0)
        {
            keeps.Add(KeptForOthers(need, still));
        }
    }

    private IEnumerable<FirewallNeed> Needs(CommunicationDirection direction, int port) =>
        FirewallNeed.Acceptor(direction) != _role && _host.DeniesOutbound is not true
            ? []
            : FirewallNeed.At(_role, direction, port, PeerAddresses, _peer.AllowFrom);

    private int Port(CommunicationDirection direction) => FirewallNeed.Acceptor(direction) == NodeRole.Console
        ? _request.Console.Port
        : _request.Engine.Port;

    private IReadOnlyList<IPAddress> PeerAddresses => _peer.Observed is { } seen ? [seen] : _peer.Resolved;

    /// <summary>
    /// Parts what only this pairing needs from what another's identical rule covers. Where rules have tags no two are
    /// identical, and all of it is this pairing's own.
    /// </summary>
    private (FirewallNeed? Own, FirewallNeed? Shared, string Who) Split(FirewallNeed need)
    {
        if (_writer is not { KnowsRulesByEffect: true })
        {
            return (need, null, string.Empty);
        }

        var same = _others.Where(o => o.Need.SharesRule(need)).ToArray();
        if (need.Peers.Count == 0)
        {
            string[] open = same.Where(static o => o.Need.Peers.Count == 0).Select(static o => o.Who.Name).ToArray();
            return open.Length > 0 ? (null, need, FirewallReason.Names(open)) : (need, null, string.Empty);
        }

        var taken = same.Where(o => o.Need.Peers.Intersect(need.Peers, StringComparer.Ordinal).Any()).ToArray();
        if (taken.Length == 0)
        {
            return (need, null, string.Empty);
        }

        string[] common = need.Peers.Where(p => taken.Any(o => o.Need.Peers.Contains(p))).ToArray();
        string[] own = need.Peers.Except(common, StringComparer.Ordinal).ToArray();
        return (
            own.Length > 0 ? need with { Peers = own } : null,
            need with { Peers = common },
            FirewallReason.Names(taken.Select(static o => o.Who.Name)));
    }

    /// <summary>One line for all who still need the port: it must stay open in every filter between, too.</summary>
    private FirewallRule KeptForOthers(FirewallNeed need, (FirewallNeighbour Who, FirewallNeed Need)[] still)
    {
        // One neighbour without a known address is open to any, and so is the whole.
        string[] peers = still.Any(static o => o.Need.Peers.Count == 0)
            ? []
            : still.SelectMany(static o => o.Need.Peers).Distinct(StringComparer.Ordinal)
                .Order(StringComparer.Ordinal).ToArray();
        string reason = FirewallReason.StillNeeded(_role, need, still.Select(static o => o.Who.Name));
        return Rule(need with { Peers = peers }, RuleChange.Keep, reason) with
        {
            RuleId = FirewallRuleId.For(_role, Guid.Empty, need.Flow, need.Port, need.Family),
        };
    }

    private FirewallRule Rule(FirewallNeed need, RuleChange change, string reason)
    {
        var rule = new FirewallRule
        {
            RuleId = FirewallRuleId.For(_role, _request.PairingId, need.Flow, need.Port, need.Family),
            HostRole = _role,
            Host = _host.Name ?? _host.Observed?.ToString() ?? _role.ToString().ToLowerInvariant() + " host",
            Change = change,
            Flow = need.Flow,
            LocalPort = need.Port,
            RemoteAddress = need.Peers,
            AddressFamily = need.Family,
            Reason = _writer is null && change != RuleChange.Keep
                ? reason + " No command: it is not known which manager owns this host's filter."
                : reason,
        };
        return _writer is null ? rule : FirewallWriters.WithCommands(rule, _writer, _request.EngineName);
    }
}
