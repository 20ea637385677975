using System.Text.RegularExpressions;

namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <summary>A copy of what a host's kernel filters by: each table once, in the words of the tool that owns
/// it.</summary>
/// <param name="Native">The tables of nftables that no other tool owns.</param>
/// <param name="Saved">What iptables and ip6tables save, of each backend that has tables.</param>
/// <param name="Sets">What ipset saves.</param>
/// <param name="Links">The host's interfaces.</param>
internal sealed partial record HostFilter(
    string Native, IReadOnlyList<SavedTables> Saved, string Sets, IReadOnlyList<HostLink> Links)
{
    /// <summary>What is beside the filter and not copied.</summary>
    public IReadOnlyList<string> Beside { get; init; } = [];

    /// <summary>How often the native chains ask for what, for a copy to be held against; empty where that is not
    /// known.</summary>
    public IReadOnlyDictionary<string, int> Selectors { get; init; } = new Dictionary<string, int>();

    /// <summary>All of it, to see whether two copies are the same.</summary>
    public string Text => string.Join('\n', Saved.Select(static s => s.Text).Prepend(Native));

    /// <summary>
    /// Of the interfaces that packets pass before they come by that one, and no copy has, one with chains of its own;
    /// null if none.
    /// </summary>
    public string? Unseen(HostLink link)
    {
        string chains = string.Join('\n', Native.Split('\n').Where(static l => Device().IsMatch(l)));
        var below = new List<HostLink> { link };
        for (int i = 0; i < below.Count; i++)
        {
            HostLink over = below[i];
            below.AddRange(Links.Where(l => !below.Contains(l) && (l.Name == over.Upon || l.PartOf == over.Name)));
        }

        return below.Skip(1).Select(static l => l.Name).FirstOrDefault(name => Names(chains, name));
    }

    /// <summary>Whether rules name that interface.</summary>
    public bool Names(string link) => Names(Text, link);

    /// <summary>
    /// The interface that a copy has to have for a route: the one that packets come by, or, for an address of the host
    /// itself, the one that bears that address. Null where the loopback does.
    /// </summary>
    public HostLink? Bearer(PeerRoute route) => route.Link ?? Links.FirstOrDefault(
        l => l.Name != RehearsalSpace.Loopback && l.Addresses.Any(a => a.Address.Equals(route.Own)));

    private static bool Names(string text, string name) =>
        Regex.IsMatch(text, $"(?<![\\w.-]){Regex.Escape(name)}(?![\\w.-])", RegexOptions.None, TimeSpan.FromSeconds(1));

    [GeneratedRegex(@"^\t\ttype filter hook (?:ingress|egress) ")]
    private static partial Regex Device();
}
