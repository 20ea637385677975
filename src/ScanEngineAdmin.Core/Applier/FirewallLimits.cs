using System.Net;
using System.Net.Sockets;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Core.Applier;

/// <summary>
/// What the applier never does, whatever a node's store says: no port beside those its admin allows, no rule for a
/// block or for any address that its admin does not allow, none for more addresses than one peer has.
/// </summary>
internal static class FirewallLimits
{
    private const int MostAddresses = 16;
    private const int MostTrials = 256;
    private static readonly TimeSpan ShortestLife = TimeSpan.FromSeconds(10);

    // A change may take an hour; more is not needed to end one.
    private static readonly TimeSpan LongestLife = TimeSpan.FromHours(1) + TimeSpan.FromMinutes(10);

    public static TimeSpan Lifetime(TimeSpan asked) =>
        asked < ShortestLife ? ShortestLife : asked > LongestLife ? LongestLife : asked;

    /// <summary>A way that needs no rule here (this host dials, and may) has nothing to be checked.</summary>
    /// <exception cref="ScanEngineException">AddressInvalid, PortInvalid.</exception>
    public static void Check(
        PairingWays ways, bool deniesOutbound, IReadOnlyCollection<int> ports, NodeRole role,
        IReadOnlyList<IPNetwork> allowFrom)
    {
        foreach (FirewallNeighbour way in ways.Ways.Where(
            way => deniesOutbound || FirewallNeed.Acceptor(way.Direction) == role))
        {
            if (!ports.Contains(way.Port))
            {
                throw new ScanEngineException(
                    FaultCode.PortInvalid,
                    $"This host's firewall applier may not open TCP {way.Port} for '{ways.Name}': its admin allows "
                        + $"{string.Join(", ", ports)}.",
                    $"Start it with that port as well: scanengineadmin firewall-applier --role {Word(role)} --ports "
                        + $"{way.Port}, or Start-EngineFirewallApplier -Role {role} -Port {way.Port}",
                    ways.Name);
            }

            if (way.AllowFrom.Count > 0 && FirewallNeed.Acceptor(way.Direction) == role)
            {
                CheckBlocks(ways.Name, way.AllowFrom, allowFrom, role);
                continue;
            }

            if (way.Addresses.Count is 0 or > MostAddresses || !way.Addresses.All(IsOneHost))
            {
                throw new ScanEngineException(
                    FaultCode.AddressInvalid,
                    $"This host's firewall applier opens nothing for '{ways.Name}': what is known of the other end are "
                        + $"{way.Addresses.Count} addresses, and it takes 1 to {MostAddresses}, each of one host.",
                    "Name the other end by its address: Set-ScanEngine -Address on the console's host, "
                        + "Set-EngineConsole -Address on the engine's.",
                    ways.Name);
            }
        }
    }

    /// <summary>Each trial has a process that undoes it: root's, so a node must not have any number of them.</summary>
    /// <exception cref="ScanEngineException">FirewallBusy.</exception>
    public static void Check(int trials)
    {
        if (trials >= MostTrials)
        {
            throw new ScanEngineException(
                FaultCode.FirewallBusy,
                $"{trials} changes wait already on this host with their firewall rules on trial: no more are taken.",
                "Change fewer engines at once, or wait until those have ended.",
                Environment.MachineName);
        }
    }

    // That an engine may dial from a block is a row of the node's store; that a rule may be for one is said by root.
    private static void CheckBlocks(
        string engine, IReadOnlyList<IPNetwork> asked, IReadOnlyList<IPNetwork> allowed, NodeRole role)
    {
        string[] beyond = [.. AllowedSources.Texts([.. asked.Where(block => !AllowedSources.Contain(allowed, block))])];
        if (beyond.Length > 0)
        {
            string list = string.Join(",", beyond);
            throw new ScanEngineException(
                FaultCode.AddressInvalid,
                $"This host's firewall applier opens nothing for '{engine}', which may dial from {list}: its admin "
                    + (allowed.Count == 0
                        ? "allows no rule for more than the address that an engine is seen at."
                        : $"allows {string.Join(", ", AllowedSources.Texts(allowed))}."),
                $"Start it with scanengineadmin firewall-applier --role {Word(role)} --allow-from {list}, or "
                    + $"Start-EngineFirewallApplier -Role {role} -AllowFrom {list}; or narrow it: Set-ScanEngine -Name "
                    + $"'{engine}' -AllowFrom.",
                engine);
        }
    }

    public static string Word(NodeRole role) => role == NodeRole.Console ? "console" : "engine";

    private static bool IsOneHost(IPAddress address)
    {
        IPAddress plain = PlainAddress.Of(address);
        return plain.AddressFamily == AddressFamily.InterNetworkV6
            ? !plain.Equals(IPAddress.IPv6Any) && !plain.IsIPv6Multicast
            : plain.AddressFamily == AddressFamily.InterNetwork && plain.GetAddressBytes()[0] is > 0 and < 224;
    }
}
