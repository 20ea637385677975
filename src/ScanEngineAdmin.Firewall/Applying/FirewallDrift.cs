using ScanEngineAdmin.Firewall.Planning;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Firewall.Applying;

/// <summary>Compares what a host needs with what it has.</summary>
internal static class FirewallDrift
{
    /// <param name="wanted">From <see cref="FirewallPlanner.Needed"/>.</param>
    /// <param name="installed">From <see cref="FirewallReader.ReadAsync"/>.</param>
    /// <param name="provider">The manager that owns the filter.</param>
    public static IReadOnlyList<FirewallDriftRow> Compare(
        IReadOnlyList<FirewallRule> wanted, IReadOnlyList<InstalledFirewallRule> installed, FirewallProvider provider)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        ArgumentNullException.ThrowIfNull(installed);
        var rows = new List<FirewallDriftRow>();
        var used = new HashSet<InstalledFirewallRule>();
        foreach (FirewallRule rule in wanted)
        {
            RuleMatch match = RuleMatch.Of(rule, installed, provider, wanted.Where(w => !ReferenceEquals(w, rule)));
            used.UnionWith(match.Right);
            if (match.Missing is { } missing)
            {
                InstalledFirewallRule[] half = [.. RuleMatch.Half(missing, installed)];
                used.UnionWith(half);
                string but = half.Length > 0 ? $"; {Half(half[0])}"
                    : match.Stale.Count == 0 ? string.Empty : $"; it is there otherwise: {match.Stale[0].Text}";
                rows.Add(Row("<=", rule.RuleId, missing, half.FirstOrDefault(), $"Missing for {Peers(missing)}{but}"));
            }
            else
            {
                bool borrowed = match.Right.All(static r => r.Foreign);
                rows.Add(Row("==", rule.RuleId, rule, match.Right[0], borrowed
                    ? "Open, by a rule that this product did not add." : "As it should be."));
            }

            rows.AddRange(InTheWay(rule, match.Right, installed)
                .Select(r => Row("!=", rule.RuleId, rule, r, $"Denies it before ours is asked: {r.Text}")));
        }

        rows.AddRange(installed.Where(r => !r.Foreign && !used.Contains(r)).Select(
            static r => Row("=>", r.RuleId!, null, r, r.InForce
                ? "Ours, and nothing needs it."
                : "Ours, kept for the next start or reload, and nothing needs it.")));
        return rows;
    }

    /// <summary>Says of what is too much whether another data folder of the host needs it.</summary>
    /// <param name="rows">From <see cref="Compare"/>.</param>
    /// <param name="others">The other data folders, and the rules that each needs; null where it cannot be read.</param>
    public static IReadOnlyList<FirewallDriftRow> BesideOthers(
        IReadOnlyList<FirewallDriftRow> rows,
        IReadOnlyList<(string Folder, IReadOnlyList<FirewallRule>? Needs)> others) => [
            .. rows.Select(row => row.SideIndicator != "=>" ? row
                : others.FirstOrDefault(o => o.Needs?.Any(n => IsFor(row, n)) == true).Folder is { } needs ? row with
                {
                    SideIndicator = "==",
                    KeptFor = needs,
                    Detail = $"Needed by the data folder {needs} of this host.",
                }
                : others.FirstOrDefault(static o => o.Needs is null).Folder is { } unread ? row with
                {
                    KeptFor = unread,
                    Detail = $"{row.Detail} The data folder {unread} of this host cannot be read, and may need it.",
                }
                : row)];

    // A rule that two folders share has the id of the one that came first: by effect it is the other's as well.
    private static bool IsFor(FirewallDriftRow row, FirewallRule rule) => rule.RuleId == row.RuleId
        || (row.Installed is { } installed && RuleMatch.ByEffect(installed.Provider) && RuleMatch.Of(
            rule, [installed with { Persistent = null, InForce = true }], installed.Provider).Right.Count > 0);

    /// <summary>Foreign rules that deny what a rule opens, as far as that is plain from the rule itself.</summary>
    private static IEnumerable<InstalledFirewallRule> InTheWay(
        FirewallRule rule, IReadOnlyList<InstalledFirewallRule> ours, IReadOnlyList<InstalledFirewallRule> installed)
    {
        return installed.Where(r => r is { Foreign: true, InForce: true, Action: InstalledAction.Deny }
            && r.Flow == rule.Flow && !r.IsElsewhere
            && (r.Port is null || r.Port == rule.LocalPort)
            && (r.Family is null || r.Family == rule.AddressFamily)
            && PeerAddresses.Meets(r.RemoteAddress, rule.RemoteAddress)
            && (ours.Count == 0
                ? !r.IsDefault
                // Every chain of a hook and every backend is asked: an accept in one is no answer for another.
                : ours.All(o => r.Chain == o.Chain && r.Backend == o.Backend
                    ? r.Order < o.Order
                    : (r.Provider == FirewallProvider.Nftables || r.Backend != o.Backend)
                        && !HasAccept(r, rule, installed))));
    }

    // Another chain that drops by default may let the port through by a rule of its own.
    private static bool HasAccept(
        InstalledFirewallRule deny, FirewallRule rule, IReadOnlyList<InstalledFirewallRule> installed) =>
        installed.Any(a => a is { InForce: true, IsDefault: false, Action: InstalledAction.Allow }
            && a.Chain == deny.Chain && a.Backend == deny.Backend && a.Order < deny.Order
            && (a.Port is null || a.Port == rule.LocalPort)
            && (a.Family is null || a.Family == rule.AddressFamily)
            && PeerAddresses.Meets(a.RemoteAddress, rule.RemoteAddress));

    private static string Half(InstalledFirewallRule rule) => rule.InForce
        ? $"it is in force and not kept, and goes with the next start or reload of firewalld: {rule.Text}"
        : $"it is kept and not in force before the next start or reload of firewalld: {rule.Text}";

    private static string Peers(FirewallRule rule) =>
        rule.RemoteAddress.Count == 0 ? "any address" : string.Join(", ", rule.RemoteAddress);

    private static FirewallDriftRow Row(
        string side, string id, FirewallRule? wanted, InstalledFirewallRule? installed, string detail) => new()
        {
            SideIndicator = side,
            RuleId = id,
            Wanted = wanted,
            Installed = installed,
            Detail = detail,
        };
}
