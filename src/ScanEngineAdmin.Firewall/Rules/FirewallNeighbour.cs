using System.Net;
using ScanEngineAdmin.Domain.Directions;

namespace ScanEngineAdmin.Firewall.Rules;

/// <summary>
/// Another pairing that shares one of the plan's hosts and may need the same way: another engine of the console, or
/// another console of the engine. One in the middle of a change, which needs both ways, is given twice.
/// </summary>
/// <param name="Name">For the reason's text.</param>
/// <param name="PairingId">The other pairing.</param>
/// <param name="Direction">The direction it needs.</param>
/// <param name="Port">The listening port under that direction.</param>
/// <param name="Addresses">The addresses of its own end (not the shared host's); empty when unknown.</param>
internal sealed record FirewallNeighbour(
    string Name, Guid PairingId, CommunicationDirection Direction, int Port, IReadOnlyList<IPAddress> Addresses)
{
    /// <summary>From where its own end may dial, instead of those addresses, if an admin said so.</summary>
    public IReadOnlyList<IPNetwork> AllowFrom { get; init; } = [];
}
