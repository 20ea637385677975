namespace ScanEngineAdmin.Firewall.Rules;

/// <summary>
/// Where rules have to be, as a rehearsal has found: zones of firewalld, or backends of iptables. A rule that is not
/// named goes where its manager puts one by default.
/// </summary>
internal sealed class RulePlaces
{
    /// <summary>The backend of iptables that has the plain name.</summary>
    public const string PlainBackend = "iptables";

    private readonly Dictionary<(string RuleId, string Address), List<string>> _places = [];

    /// <param name="ruleId">The rule.</param>
    /// <param name="address">Its peer, where the place depends on the peer; else an empty text.</param>
    /// <param name="place">A zone, or a backend: iptables, iptables-nft or iptables-legacy.</param>
    public void Add(string ruleId, string address, string place)
    {
        if (!_places.TryGetValue((ruleId, address), out List<string>? there))
        {
            _places[(ruleId, address)] = there = [];
        }

        there.Add(place);
    }

    /// <summary>All places that it has to be in; none where that was not tried.</summary>
    public IReadOnlyList<string> Of(string ruleId, string address) =>
        _places.TryGetValue((ruleId, address), out List<string>? there) ? there : [];
}
