using System.Net.Sockets;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Firewall.Planning;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Core.Applier;

/// <summary>
/// The rules that a request comes to on this host, made of the pairing's ways alone. Open adds what they need; Close
/// also takes away whatever else this product has for the pairing, on any port that the applier may touch.
/// </summary>
internal static class RequestedPlan
{
    /// <param name="role">Which node this host has.</param>
    /// <param name="request">The pairing, the change, and open or close.</param>
    /// <param name="ways">What the pairing needs now.</param>
    /// <param name="ports">The ports that may be touched.</param>
    /// <param name="deniesOutbound">Whether the host drops what goes out without a rule.</param>
    /// <param name="installed">What is there: a rule of the pairing is found by its id whatever its addresses.</param>
    public static FirewallPlan Make(
        NodeRole role, FirewallRequest request, PairingWays ways, IReadOnlyList<int> ports, bool deniesOutbound,
        IReadOnlyList<InstalledFirewallRule> installed)
    {
        FirewallRule[] adds = [.. Needed(role, ways.Ways, deniesOutbound)];
        HashSet<string> wanted = adds.Select(static rule => rule.RuleId).ToHashSet(StringComparer.Ordinal);
        IEnumerable<FirewallRule> removes = request.Action == FirewallAction.Open
            ? []
            : All(role, request.PairingId, ports).Where(rule => !wanted.Contains(rule.RuleId))
                .Select(rule => rule with { RemoteAddress = Peers(role, rule, ways, installed) })
                .Where(rule => rule.RemoteAddress.Count > 0 || installed.Any(found => found.RuleId == rule.RuleId));
        return new FirewallPlan
        {
            ChangeId = request.ChangeId,
            PairingId = request.PairingId,
            EngineName = ways.Name,
            From = CommunicationDirection.ConsoleToEngine,
            To = CommunicationDirection.ConsoleToEngine,
            Epoch = 0,
            DryRun = false,
            State = ChangeState.Committed,
            Rules = [.. adds, .. removes],
        };
    }

    public static IReadOnlyList<FirewallRule> Needed(
        NodeRole role, IReadOnlyList<FirewallNeighbour> ways, bool deniesOutbound) => FirewallPlanner.Needed(
            role,
            new FirewallHost { Name = Environment.MachineName, Port = 0, DeniesOutbound = deniesOutbound },
            ways);

    private static IEnumerable<FirewallRule> All(NodeRole role, Guid pairingId, IReadOnlyList<int> ports) =>
        from flow in Enum.GetValues<RuleFlow>()
        from port in ports
        from family in Enum.GetValues<RuleFamily>()
        select new FirewallRule
        {
            RuleId = FirewallRuleId.For(role, pairingId, flow, port, family),
            HostRole = role,
            Host = Environment.MachineName,
            Change = RuleChange.Remove,
            Flow = flow,
            LocalPort = port,
            RemoteAddress = [],
            AddressFamily = family,
            Reason = "The direction in force does not need it.",
        };

    // Where rules are known by what they do, a rule that two pairings shared may have the other one's tag. But one on
    // the port of the other role is, without this one's tag, that of a node of the other role on this host.
    private static string[] Peers(
        NodeRole role, FirewallRule rule, PairingWays ways, IReadOnlyList<InstalledFirewallRule> installed)
    {
        bool others = rule.LocalPort == (rule.Flow == RuleFlow.In == (role == NodeRole.Console)
            ? WellKnownPorts.Engine
            : WellKnownPorts.Console);
        AddressFamily family = rule.AddressFamily == RuleFamily.IPv4
            ? AddressFamily.InterNetwork
            : AddressFamily.InterNetworkV6;
        return [.. ways.Ways.Where(_ => !others).SelectMany(static way => way.Addresses)
            .Select(PlainAddress.Of)
            .Where(address => address.AddressFamily == family).Select(static address => address.ToString())
            .Concat(installed.Where(found => found.RuleId == rule.RuleId).SelectMany(static f => f.RemoteAddress))
            .Distinct(StringComparer.Ordinal)];
    }
}
