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

    /// <summary>The interface that this one is made upon, as one of a VLAN is; null if none.</summary>
    public string? Upon { get; init; }

    /// <summary>The interface that this one is a part of, as of a bridge or a bond; null if none.</summary>
    public string? PartOf { get; init; }
}
