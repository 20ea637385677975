using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Firewall.Applying;

/// <summary>What a rehearsal has shown of the rules that a plan adds, before anything is written.</summary>
/// <param name="Owner">The manager whose chains deny, with the chains that each rule has to be in.</param>
/// <param name="Open">By a rule's id: why the way is open without it.</param>
/// <param name="Hopeless">By a rule's id: what would still deny with it, and where.</param>
/// <param name="Unproved">By a rule's id: why it is not known whether it opens the way.</param>
internal sealed record PlacementFinding(
    FirewallOwner Owner, IReadOnlyDictionary<string, string> Open, IReadOnlyDictionary<string, string> Hopeless,
    IReadOnlyDictionary<string, string> Unproved)
{
    /// <summary>What other managers of the same host have to have as well, each with places of its own.</summary>
    public IReadOnlyList<PlacementFinding> Beside { get; init; } = [];
}
