using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Directions;

namespace ScanEngineAdmin.Core.Directions;

/// <summary>What an admin wants: a direction by name, never a toggle, with the addresses the new way needs.</summary>
internal sealed record DirectionChangeRequest : DirectionTarget
{
    /// <summary>The hosts that deny connections out by default. The others are asked.</summary>
    public IReadOnlyList<NodeRole> DenyOutbound { get; init; } = [];

    /// <summary>It was so before: an address that this console does not know the engine does.</summary>
    internal bool AsBefore { get; init; }
}
