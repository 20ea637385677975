using System.Net;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Firewall.Planning;
using ScanEngineAdmin.Firewall.Providers;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Core.Tests.Firewall;

/// <summary>A console, six engines, and the rules in all their filters, as a set to apply plans to.</summary>
internal sealed class FirewallFleetModel
{
    public const int EngineCount = 6;
    private const string Any = "any";
    private static readonly IPAddress ConsoleAddress = IPAddress.Parse("198.51.100.1");

    // Two behind one NAT, one with both families, two that nobody knows an address of, one on ports of its own.
    private static readonly IPAddress[][] Addresses =
    [
        [IPAddress.Parse("203.0.113.7")],
        [IPAddress.Parse("203.0.113.7")],
        [IPAddress.Parse("203.0.113.8"), IPAddress.Parse("2001:db8::8")],
        [],
        [],
        [IPAddress.Parse("203.0.113.7"), IPAddress.Parse("203.0.113.9")],
    ];

    private readonly bool _tagged;
    private readonly FirewallProvider _provider;
    private readonly HashSet<NodeRole> _deny;
    private readonly CommunicationDirection[] _directions;
    private readonly Guid[] _pairings;
    private readonly HashSet<Entry> _rules = [];

    public FirewallFleetModel(FirewallProvider provider, NodeRole[] denyOutbound, CommunicationDirection[] start)
    {
        _provider = provider;
        _tagged = !FirewallWriters.For(provider).KnowsRulesByEffect;
        _deny = [.. denyOutbound];
        _directions = [.. start];
        _pairings = [.. Enumerable.Range(1, EngineCount).Select(i => new Guid(i, 0, 0, new byte[8]))];
        _rules.UnionWith(Needed());
    }

    /// <summary>
    /// Makes the plan for one engine and carries it out from top to bottom; false means the way stays.
    /// </summary>
    public void Change(int engine, CommunicationDirection to, bool commits)
    {
        FirewallPlan plan = FirewallPlanner.Plan(Request(engine, to));
        AssertOrder(plan);
        FirewallRule[] adds = plan.Rules.Where(r => r.Change == RuleChange.Add).ToArray();
        foreach (FirewallRule rule in adds)
        {
            Apply(rule, engine, open: true);
            AssertWaysOpen();
        }

        AssertKeeps(plan, engine, to);
        if (!commits)
        {
            foreach (FirewallRule rule in adds.Reverse())
            {
                Apply(rule, engine, open: false);
                AssertWaysOpen();
            }

            return;
        }

        _directions[engine] = to;
        foreach (FirewallRule rule in plan.Rules.Where(r => r.Change == RuleChange.Remove))
        {
            AssertWaysOpen();
            Apply(rule, engine, open: false);
        }

        AssertWaysOpen();
    }

    public void AssertExact()
    {
        HashSet<Entry> needed = Needed();
        Assert.True(
            needed.SetEquals(_rules),
            $"missing: {string.Join("; ", needed.Except(_rules))} | "
                + $"left over: {string.Join("; ", _rules.Except(needed))}");
    }

    private static int Port(int engine, CommunicationDirection direction) =>
        direction == CommunicationDirection.EngineToConsole ? 40815 : engine == 5 ? 50814 : 40814;

    private static void AssertOrder(FirewallPlan plan)
    {
        RuleChange[] order = [RuleChange.Add, RuleChange.Keep, RuleChange.Remove];
        int[] places = plan.Rules.Select(r => Array.IndexOf(order, r.Change)).ToArray();
        Assert.Equal(places.Order(), places);
    }

    private void AssertWaysOpen()
    {
        Entry[] closed = Needed().Where(need => !_rules.Contains(need)).ToArray();
        Assert.True(
            closed.Length == 0, "closed while in force: " + string.Join("; ", closed.Select(c => c.ToString())));
    }

    /// <summary>Whatever a neighbour needs at the port that is given up is named by a Keep.</summary>
    private void AssertKeeps(FirewallPlan plan, int engine, CommunicationDirection to)
    {
        FirewallRule[] keeps = plan.Rules.Where(r => r.Change == RuleChange.Keep).ToArray();
        if (_directions[engine] == to)
        {
            Assert.Equal(plan.Rules.Count, keeps.Length);
            Assert.NotEmpty(keeps);
            return;
        }

        foreach (FirewallRule remove in plan.Rules.Where(
            r => r.Change == RuleChange.Remove && r.HostRole == NodeRole.Console))
        {
            foreach (Entry other in Enumerable.Range(0, EngineCount).Where(i => i != engine)
                .SelectMany(i => NeededBy(i, _directions[i]))
                .Where(e => e.Host == "console" && e.Flow == remove.Flow && e.Port == remove.LocalPort
                    && e.Family == remove.AddressFamily))
            {
                Assert.Contains(keeps, k => k.HostRole == NodeRole.Console && k.Flow == other.Flow
                    && k.LocalPort == other.Port && k.AddressFamily == other.Family
                    && (k.RemoteAddress.Count == 0 || k.RemoteAddress.Contains(other.Peer)));
            }
        }
    }

    private void Apply(FirewallRule rule, int engine, bool open)
    {
        string host = rule.HostRole == NodeRole.Console ? "console" : "engine" + engine;
        string key = _tagged ? rule.RuleId : string.Empty;
        // A provider with tags deletes by the tag alone, whatever addresses are under it.
        if (!open && _tagged)
        {
            _rules.RemoveWhere(e => e.Host == host && e.Key == key);
            return;
        }

        foreach (string peer in rule.RemoteAddress.DefaultIfEmpty(Any))
        {
            var entry = new Entry(host, key, rule.Flow, rule.LocalPort, rule.AddressFamily, peer);
            _ = open ? _rules.Add(entry) : _rules.Remove(entry);
        }
    }

    private HashSet<Entry> Needed() =>
        [.. Enumerable.Range(0, EngineCount).SelectMany(i => NeededBy(i, _directions[i]))];

    private IEnumerable<Entry> NeededBy(int engine, CommunicationDirection direction)
    {
        bool consoleListens = direction == CommunicationDirection.EngineToConsole;
        int port = Port(engine, direction);
        (string Text, RuleFamily Family)[] engineEnd = Addresses[engine].Length == 0
            ? [(Any, RuleFamily.IPv4), (Any, RuleFamily.IPv6)]
            : [.. Addresses[engine].Select(a =>
                (a.ToString(), a.ToString().Contains(':') ? RuleFamily.IPv6 : RuleFamily.IPv4))];
        if (consoleListens || _deny.Contains(NodeRole.Console))
        {
            RuleFlow flow = consoleListens ? RuleFlow.In : RuleFlow.Out;
            foreach ((string text, RuleFamily family) in engineEnd)
            {
                yield return Make("console", NodeRole.Console, flow, family, text);
            }
        }

        if (!consoleListens || _deny.Contains(NodeRole.Engine))
        {
            yield return Make(
                "engine" + engine, NodeRole.Engine, consoleListens ? RuleFlow.Out : RuleFlow.In, RuleFamily.IPv4,
                ConsoleAddress.ToString());
        }

        Entry Make(string host, NodeRole role, RuleFlow way, RuleFamily family, string peer) => new(
            host,
            _tagged ? FirewallRuleId.For(role, _pairings[engine], way, port, family) : string.Empty,
            way, port, family, peer);
    }

    private FirewallPlanRequest Request(int engine, CommunicationDirection to) => new()
    {
        PairingId = _pairings[engine],
        EngineName = "engine" + engine,
        From = _directions[engine],
        To = to,
        Epoch = 1,
        Console = new FirewallHost
        {
            Name = "console",
            Resolved = [ConsoleAddress],
            Port = 40815,
            Provider = _provider,
            DeniesOutbound = _deny.Contains(NodeRole.Console),
        },
        Engine = new FirewallHost
        {
            Name = "engine" + engine,
            Resolved = Addresses[engine],
            Port = Port(engine, CommunicationDirection.ConsoleToEngine),
            Provider = _provider,
            DeniesOutbound = _deny.Contains(NodeRole.Engine),
        },
        OtherEngines = [.. Enumerable.Range(0, EngineCount).Where(i => i != engine).Select(i => new FirewallNeighbour(
            "engine" + i, _pairings[i], _directions[i], Port(i, _directions[i]), Addresses[i]))],
    };

    private sealed record Entry(string Host, string Key, RuleFlow Flow, int Port, RuleFamily Family, string Peer);
}
