using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Firewall.Applying;

/// <summary>
/// What of a wanted rule is on the host. Every provider keeps one rule per peer or one rule for all of them, and knows
/// rules by tag or by effect: this is the one place that minds.
/// </summary>
/// <param name="Missing">The rule for the peers that it lacks; null when it lacks none.</param>
/// <param name="Right">What is as it should be.</param>
/// <param name="Stale">What has the rule's tag and is not (any longer) as it should be.</param>
internal sealed record RuleMatch(
    FirewallRule? Missing, IReadOnlyList<InstalledFirewallRule> Right, IReadOnlyList<InstalledFirewallRule> Stale)
{
    private const string Any = "*";

    public static bool ByEffect(FirewallProvider provider) =>
        provider is FirewallProvider.Ufw or FirewallProvider.Firewalld;

    /// <param name="rule">The rule that is wanted.</param>
    /// <param name="installed">What is there.</param>
    /// <param name="provider">Whose rules they are.</param>
    /// <param name="kept">Other rules of the same tag that are wanted as well: their peers are not stale.</param>
    /// <param name="chains">The chains that it has to be in, where that was tried; null for any.</param>
    /// <param name="places">The zones or backends that it has to be in, where that was tried; null for any.</param>
    public static RuleMatch Of(
        FirewallRule rule, IReadOnlyList<InstalledFirewallRule> installed, FirewallProvider provider,
        IEnumerable<FirewallRule>? kept = null, IReadOnlyList<string>? chains = null, RulePlaces? places = null)
    {
        string[] wanted = Keys(RuleText.Addresses(rule));
        InstalledFirewallRule[] tagged = [.. installed.Where(r => r.RuleId == rule.RuleId)];
        if (!ByEffect(provider) && provider != FirewallProvider.Iptables)
        {
            // One rule for all peers in each chain. Two of them are one too many.
            InstalledFirewallRule?[] same = [.. (chains?.Count > 0 ? chains.Cast<string?>() : [null]).Select(
                chain => tagged.FirstOrDefault(r => (chain is null || r.Chain == chain) && Fits(r, rule)
                    && r.InForce
                    && Keys(r.RemoteAddress).ToHashSet(StringComparer.Ordinal).SetEquals(wanted)))];
            bool all = !same.Contains(null);
            return new RuleMatch(
                all ? null : rule, all ? [.. same.OfType<InstalledFirewallRule>()] : [],
                [.. tagged.Where(r => !all || !same.Any(s => ReferenceEquals(r, s)))]);
        }

        InstalledFirewallRule[] right = [.. (ByEffect(provider) ? installed.Where(static r => !r.IsDefault) : tagged)
            .Where(r => Fits(r, rule) && r is { Persistent: not false, InForce: true } && wanted.Contains(Key(r))
                && IsInPlace(r, rule, places))];
        // What goes out has to pass each place that denies it by default; firewalld can have several.
        string[] denying = [.. installed.Where(r => rule.Flow == RuleFlow.Out && r.Flow == RuleFlow.Out
                && r is { IsDefault: true, Action: InstalledAction.Deny } && ByEffect(provider))
            .Select(static r => r.Chain).Distinct(StringComparer.Ordinal)];
        string[] missing = [.. wanted.Where(peer => !right.Any(r => Key(r) == peer)
            || !denying.All(chain => right.Any(r => r.Chain == chain && Key(r) == peer))
            || !Places(rule, peer, provider, places).All(
                place => right.Any(r => r.Place == place && Key(r) == peer)))];
        HashSet<string> stay = wanted.Concat((kept ?? []).Where(k => k.RuleId == rule.RuleId)
            .SelectMany(static k => Keys(RuleText.Addresses(k)))).ToHashSet(StringComparer.Ordinal);
        return new RuleMatch(
            missing.Length == 0 ? null : rule with { RemoteAddress = missing is [Any] ? [] : missing },
            right,
            [.. tagged.Where(r => !Fits(r, rule) || !stay.Contains(Key(r))
                || (wanted.Contains(Key(r)) && !IsInPlace(r, rule, places)))]);
    }

    /// <summary>
    /// What of a rule that is missing is there by half: in force and not kept, or kept and not in force.
    /// </summary>
    public static IReadOnlyList<InstalledFirewallRule> Half(
        FirewallRule missing, IReadOnlyList<InstalledFirewallRule> installed)
    {
        string[] wanted = Keys(RuleText.Addresses(missing));
        return [.. installed.Where(r => r is { IsDefault: false } and ({ Persistent: false } or { InForce: false })
            && Fits(r, missing) && wanted.Contains(Key(r)))];
    }

    /// <summary>What has to go for a Remove, and nothing that another rule of the plan keeps.</summary>
    public static IReadOnlyList<InstalledFirewallRule> ToRemove(
        FirewallRule rule, IReadOnlyList<InstalledFirewallRule> installed, FirewallProvider provider,
        IEnumerable<FirewallRule> kept)
    {
        if (!ByEffect(provider))
        {
            return [.. installed.Where(r => r.RuleId == rule.RuleId)];
        }

        HashSet<string> stay = kept.Where(k => k.RuleId == rule.RuleId)
            .SelectMany(static k => Keys(RuleText.Addresses(k))).ToHashSet(StringComparer.Ordinal);
        string[] named = Keys(RuleText.Addresses(rule));
        // A rule that two pairings share has the tag of the one that came first: by effect it is this one's as well.
        return [.. installed.Where(r => !r.Foreign && Fits(r, rule) && !stay.Contains(Key(r))
            && (r.RuleId == rule.RuleId || named.Contains(Key(r))))];
    }

    /// <summary>
    /// What somebody else has of it, where rules are known by effect: written over, it would be taken for ours and go
    /// when ours goes. ufw even puts an allow in the place of a deny of the same.
    /// </summary>
    public static InstalledFirewallRule? OfOthers(
        FirewallRule rule, IReadOnlyList<InstalledFirewallRule> installed, FirewallProvider provider,
        RulePlaces? places = null) =>
        !ByEffect(provider) ? null : installed.FirstOrDefault(r => r is { Foreign: true, IsDefault: false }
            && (provider == FirewallProvider.Ufw || r.Action == InstalledAction.Allow)
            && Fits(r with { Action = InstalledAction.Allow }, rule) && IsInPlace(r, rule, places)
            && Keys(RuleText.Addresses(rule)).Contains(Key(r), StringComparer.Ordinal));

    private static bool IsInPlace(InstalledFirewallRule installed, FirewallRule rule, RulePlaces? places) =>
        Places(rule, Key(installed), installed.Provider, places) is { Count: > 0 } there
            ? there.Contains(installed.Place)
            : installed is not { Foreign: true, IsElsewhere: true };

    private static IReadOnlyList<string> Places(
        FirewallRule rule, string peer, FirewallProvider provider, RulePlaces? places) =>
        places?.Of(rule.RuleId, peer == Any || provider == FirewallProvider.Iptables ? string.Empty : peer) ?? [];

    private static bool Fits(InstalledFirewallRule installed, FirewallRule rule) =>
        installed.Action == InstalledAction.Allow
        && installed.Flow == rule.Flow
        && installed.Port == rule.LocalPort
        && (installed.Family is null || installed.Family == rule.AddressFamily);

    private static string Key(InstalledFirewallRule installed) =>
        installed.RemoteAddress.Count == 0 ? Any : string.Join(',', installed.RemoteAddress);

    private static string[] Keys(IReadOnlyList<string> addresses) => addresses.Count == 0 ? [Any] : [.. addresses];
}
