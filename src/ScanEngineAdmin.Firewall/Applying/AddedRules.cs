using System.Globalization;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Firewall.Trials;

namespace ScanEngineAdmin.Firewall.Applying;

/// <summary>
/// The list of what this product added to a firewall that keeps no tags: without it an admin's own rule of the same
/// effect could not be distinguished from ours, and a rule whose peer has moved would not be found.
/// </summary>
internal sealed class AddedRules(string folder)
{
    private const string AnyPeer = "*";
    private readonly string _path = Path.Combine(folder, "firewalld.rules");

    public IReadOnlyList<InstalledFirewallRule> Label(IEnumerable<InstalledFirewallRule> rules)
    {
        Dictionary<string, string> ids = [];
        foreach (string line in Lines())
        {
            ids[line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..]] = line.Split(' ')[0];
        }

        return [.. rules.Select(r => r is { IsDefault: false, Port: { } port, Family: { } family }
            && r.Action == InstalledAction.Allow
            && ids.TryGetValue(What(r.Flow, family, port, r.RemoteAddress is [var one] ? one : AnyPeer), out string? id)
            && FirewallRuleId.IsValid(id) ? r with { RuleId = id } : r)];
    }

    public IEnumerable<int> Ports() => Lines().Select(static l => l.Split(' ')[3])
        .Select(static p => int.TryParse(p, NumberStyles.None, CultureInfo.InvariantCulture, out int port) ? port : 0)
        .Distinct();

    /// <summary>Each entry as a rule.</summary>
    public IReadOnlyList<FirewallRule> Rules() => [.. Lines().Select(static l => l.Split(' ')).Select(static words =>
        FirewallRuleId.IsValid(words[0]) && Enum.TryParse(words[1], out RuleFlow flow)
        && Enum.TryParse(words[2], out RuleFamily family)
        && int.TryParse(words[3], NumberStyles.None, CultureInfo.InvariantCulture, out int port)
            ? RuleText.Of(new InstalledFirewallRule
            {
                RuleId = words[0],
                Provider = FirewallProvider.Firewalld,
                Flow = flow,
                Family = family,
                Port = port,
                RemoteAddress = words[4] == AnyPeer ? [] : [words[4]],
                Action = InstalledAction.Allow,
                Text = string.Empty,
            })
            : null).OfType<FirewallRule>()];

    public void Add(FirewallRule rule) => Write(Lines().Union(Entries(rule)));

    public void Remove(FirewallRule rule)
    {
        HashSet<string> gone = Entries(rule).Select(static e => e[(e.IndexOf(' ', StringComparison.Ordinal) + 1)..])
            .ToHashSet(StringComparer.Ordinal);
        Write(Lines().Where(l => !gone.Contains(l[(l.IndexOf(' ', StringComparison.Ordinal) + 1)..])));
    }

    private static IEnumerable<string> Entries(FirewallRule rule)
    {
        IReadOnlyList<string> addresses = RuleText.Addresses(rule);
        return (addresses.Count == 0 ? [AnyPeer] : addresses).Select(
            a => $"{RuleText.Id(rule)} {What(rule.Flow, rule.AddressFamily, rule.LocalPort, a)}");
    }

    private static string What(RuleFlow flow, RuleFamily family, int port, string peer) =>
        string.Create(CultureInfo.InvariantCulture, $"{flow} {family} {port} {peer}");

    private string[] Lines() => File.Exists(_path)
        ? [.. File.ReadAllLines(_path).Where(static l => l.Split(' ').Length == 5)]
        : [];

    private void Write(IEnumerable<string> lines) =>
        StateFiles.Write(_path, string.Concat(lines.Select(static l => l + "\n")));
}
