using System.Net;

namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <summary>One interface of a host.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsEthernet">Whether its packets have Ethernet's heads.</param>
/// <param name="Mac">Its address, where it is Ethernet's; empty else.</param>
/// <param name="Addresses">Its addresses, each with the length of its network.</param>
internal sealed record HostLink(
    string Name, bool IsEthernet, string Mac, IReadOnlyList<(IPAddress Address, int Length)> Addresses)
{
    public int Index { get; init; }

    /// <summary>The interface's group, as rules may ask for it.</summary>
    public string Group { get; init; } = "default";
}
