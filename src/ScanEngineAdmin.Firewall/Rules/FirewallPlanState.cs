using ScanEngineAdmin.Domain.Directions;

namespace ScanEngineAdmin.Firewall.Rules;

/// <summary>Where the world stands, against which a plan is judged: read from the store when it is applied.</summary>
/// <param name="Epoch">The engine's epoch now.</param>
/// <param name="State">The state of the plan's change; null when the store knows no such change.</param>
/// <param name="Acknowledged">Whether the other end has heard the outcome: only then the old way is unused.</param>
internal sealed record FirewallPlanState(long Epoch, ChangeState? State, bool Acknowledged)
{
    /// <summary>
    /// Where a standard engine is dialled, for a plan that moves it there without a change; null when that is not
    /// known.
    /// </summary>
    public int? Port { get; init; }
}
