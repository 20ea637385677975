using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Firewall.Planning;

/// <summary>Why a rule is in a plan, in a sentence for the person who has to approve it.</summary>
internal static class FirewallReason
{
    private const int MostNames = 5;

    public static string Opened(FirewallPlanRequest request, FirewallNeed need, FirewallHost peer) =>
        $"{Way(request.To, request.EngineName, need)} {Source(need, peer)}";

    public static string Unchanged(FirewallPlanRequest request, FirewallNeed need, FirewallHost peer) =>
        $"{Way(request.To, request.EngineName, need)} The direction does not change: this stays. {Source(need, peer)}";

    public static string Closed(FirewallPlanRequest request, FirewallNeed need) =>
        (need.Flow, request.From) switch
        {
            _ when request.Moved =>
                $"TCP {need.Port} is not used for {request.EngineName} any more; remove only after it was moved.",
            (RuleFlow.In, CommunicationDirection.ConsoleToEngine) =>
                $"The console no longer dials {request.EngineName}; remove only after the change is committed.",
            (RuleFlow.In, _) =>
                $"{request.EngineName} no longer dials the console; remove only after the change is committed.",
            _ => $"This host no longer dials for {request.EngineName}; remove only after the change is committed.",
        };

    public static string AlreadyOpen(string who) =>
        $"Open already, by the same rule, for {who} behind the same address.";

    public static string SameRule(string who) =>
        $"Stays: {who} behind the same address still needs this very rule.";

    public static string StillNeeded(NodeRole host, FirewallNeed need, IEnumerable<string> names)
    {
        string flow = need.Flow == RuleFlow.In ? "inbound" : "outbound";
        string whose = host == NodeRole.Console ? "other engines" : "other consoles";
        return $"TCP {need.Port} {flow} stays open for {whose}: {Names(names)}.";
    }

    /// <summary>A few names and how many more: a fleet's worth would hide what matters.</summary>
    public static string Names(IEnumerable<string> names)
    {
        string[] all = names.Distinct(StringComparer.Ordinal).ToArray();
        string first = string.Join(", ", all.Take(MostNames));
        return all.Length <= MostNames ? first : $"{first} and {all.Length - MostNames} more";
    }

    private static string Way(CommunicationDirection direction, string engine, FirewallNeed need) =>
        (need.Flow, direction) switch
        {
            (RuleFlow.In, CommunicationDirection.ConsoleToEngine) =>
                $"The console dials {engine} on TCP {need.Port}.",
            (RuleFlow.In, _) => $"{engine} dials the console on TCP {need.Port}.",
            (_, CommunicationDirection.ConsoleToEngine) =>
                $"This console dials {engine} on TCP {need.Port}, and this host denies outbound connections.",
            _ => $"{engine} dials the console on TCP {need.Port} from here, and this host denies outbound connections.",
        };

    private static string Source(FirewallNeed need, FirewallHost peer)
    {
        string peers = string.Join(", ", need.Peers);
        if (need.Flow == RuleFlow.In && peer.AllowFrom.Count > 0)
        {
            return need.Peers.Count == 0
                ? "Open to any source, as its -AllowFrom says."
                : $"Limited to {peers}, as its -AllowFrom says.";
        }

        if (peer.Observed is not null)
        {
            string name = peer.Name is null || peer.Name == peers ? string.Empty : $" (configured: {peer.Name})";
            return $"Limited to {peers}, the address it was last seen at{name}.";
        }

        if (need.Peers.Count > 0)
        {
            return peer.Name is null || peer.Name == peers
                ? $"Limited to {peers}, as configured."
                : $"Limited to {peers}, which {peer.Name} resolved to when this was planned.";
        }

        string why = peer.Name is null ? "no address of the peer is known" : $"{peer.Name} did not resolve";
        string open = need.Flow == RuleFlow.In ? "open to ANY source" : "open to ANY destination";
        return $"{open}, because {why}. To narrow it, name the peer's address "
            + "(Set-ScanEngineCommunication -Address for the engine, -ConsoleAddress for the console) and plan again.";
    }
}
