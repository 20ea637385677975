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

    /// <summary>Foreign rules that deny what a rule opens, as far as that is plain from the rule itself.</summary>
    private static IEnumerable<InstalledFirewallRule> InTheWay(
        FirewallRule rule, IReadOnlyList<InstalledFirewallRule> ours, IReadOnlyList<InstalledFirewallRule> installed)
    {
        return installed.Where(r => r is { Foreign: true, InForce: true, Action: InstalledAction.Deny }
            && r.Flow == rule.Flow
            && (r.Port is null || r.Port == rule.LocalPort)
            && (r.Family is null || r.Family == rule.AddressFamily)
            && PeerAddresses.Meets(r.RemoteAddress, rule.RemoteAddress)
            && (ours.Count == 0
                ? !r.IsDefault
                // nftables asks every chain of a hook: an accept in one is no answer for another.
                : ours.All(o => r.Chain == o.Chain
                    ? r.Order < o.Order
                    : r.Provider == FirewallProvider.Nftables && !HasAccept(r, rule, installed))));
    }

    // Another chain that drops by default may let the port through by a rule of its own.
    private static bool HasAccept(
        InstalledFirewallRule deny, FirewallRule rule, IReadOnlyList<InstalledFirewallRule> installed) =>
        installed.Any(a => a is { InForce: true, IsDefault: false, Action: InstalledAction.Allow }
            && a.Chain == deny.Chain && a.Order < deny.Order && (a.Port is null || a.Port == rule.LocalPort)
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
