using System.Net;
using System.Net.Sockets;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;

namespace ScanEngineAdmin.Firewall.Rules;

/// <summary>One thing one host's filter must let through for one pairing under one direction.</summary>
/// <param name="Host">Whose filter.</param>
/// <param name="Flow">In at the side that is dialled, Out at the side that dials.</param>
/// <param name="Port">The listening port.</param>
/// <param name="Family">IPv4 or IPv6.</param>
/// <param name="Peers">The addresses of the other end in this family; empty means any.</param>
internal sealed record FirewallNeed(
    NodeRole Host, RuleFlow Flow, int Port, RuleFamily Family, IReadOnlyList<string> Peers)
{
    /// <summary>Who listens under a direction.</summary>
    public static NodeRole Acceptor(CommunicationDirection direction) =>
        direction == CommunicationDirection.ConsoleToEngine ? NodeRole.Engine : NodeRole.Console;

    /// <summary>
    /// What <paramref name="host"/> must let through from or to a peer at these addresses; from those blocks instead
    /// where it lets in, if there are any.
    /// </summary>
    public static IEnumerable<FirewallNeed> At(
        NodeRole host, CommunicationDirection direction, int port, IReadOnlyList<IPAddress> peers,
        IReadOnlyList<IPNetwork> allowFrom)
    {
        RuleFlow flow = Acceptor(direction) == host ? RuleFlow.In : RuleFlow.Out;
        foreach (RuleFamily family in Enum.GetValues<RuleFamily>())
        {
            if (flow == RuleFlow.In && allowFrom.Count > 0)
            {
                IPNetwork[] blocks = [.. allowFrom.Where(block => FamilyOf(block.BaseAddress) == family)];
                if (blocks.Length > 0)
                {
                    yield return new FirewallNeed(host, flow, port, family, blocks.Any(b => b.PrefixLength == 0)
                        ? []
                        : [.. blocks.Select(AllowedSources.Text).Order(StringComparer.Ordinal)]);
                }

                continue;
            }

            string[] ofFamily = peers.Select(WithoutZone).Where(p => FamilyOf(p) == family)
                .Select(static p => p.ToString()).Distinct(StringComparer.Ordinal)
                .Order(StringComparer.Ordinal).ToArray();
            // Nothing known at all leaves both families open; one known family leaves the other closed.
            if (ofFamily.Length > 0 || peers.Count == 0)
            {
                yield return new FirewallNeed(host, flow, port, family, ofFamily);
            }
        }
    }

    /// <summary>Whether two needs meet the same packets' rule: then only their peers can differ.</summary>
    public bool SharesRule(FirewallNeed other) =>
        Host == other.Host && Flow == other.Flow && Port == other.Port && Family == other.Family;

    private static RuleFamily FamilyOf(IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetwork ? RuleFamily.IPv4 : RuleFamily.IPv6;

    // A filter does not see the zone of a link-local address.
    private static IPAddress WithoutZone(IPAddress address) => new(PlainAddress.Of(address).GetAddressBytes());
}
