using ScanEngineAdmin.Firewall.Providers;
using ScanEngineAdmin.Firewall.Providers.Ufw;
using ScanEngineAdmin.Firewall.Rehearsal;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Firewall.Applying;

/// <summary>
/// Tries the rules of a plan with ufw itself, over a copy of its files and of the host's filter: whether they are
/// needed, whether they open the way, and whether taking them away gives back what was there.
/// </summary>
internal sealed class UfwSearch(HostTools host)
{
    private static readonly string[] Files = ["/etc/ufw", "/etc/default/ufw"];
    private readonly UfwWriter _writer = new();

    /// <param name="adds">The rules that a plan adds.</param>
    /// <param name="owner">The host's ufw.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="RehearsalException">Nothing can be tried here.</exception>
    public async Task<PlacementFinding> FindAsync(
        IReadOnlyList<FirewallRule> adds, FirewallOwner owner, CancellationToken cancellationToken)
    {
        // Held by one copy, which ufw changes, and asked of others that are made of what is in there.
        FilterRehearsal copy = await WayRehearsal.OpenAsync(host, adds, cancellationToken, watched: false)
            .ConfigureAwait(false);
        await using (copy.ConfigureAwait(false))
        {
            copy.Cover(await RehearsalFiles.CopyAsync(host.Run, Files, cancellationToken).ConfigureAwait(false));
            var inside = new FirewallReader(host with { Run = copy.RunAsync });
            await RemoveAsync(copy, inside, adds, cancellationToken).ConfigureAwait(false);
            (string rules, string files) = await DumpAsync(copy, cancellationToken).ConfigureAwait(false);
            var tried = new TriedWays();
            await AskAsync(copy, adds, tried.Before, cancellationToken).ConfigureAwait(false);
            FirewallRule[] closed = [.. adds.Where(tried.IsClosed)];
            foreach (FirewallRule rule in closed)
            {
                foreach (ToolCall call in _writer.OpenCalls(rule, string.Empty))
                {
                    ToolResult result = await copy.RunAsync(call, cancellationToken).ConfigureAwait(false);
                    if (!result.Succeeded)
                    {
                        tried.Refused(rule, $"{call.Tool} says: {FirewallFaults.Said(result)}");
                    }
                }
            }

            if (closed.Length > 0)
            {
                await AskAsync(copy, closed, tried.After, cancellationToken).ConfigureAwait(false);
                await RemoveAsync(copy, inside, closed, cancellationToken).ConfigureAwait(false);
                (string left, string kept) = await DumpAsync(copy, cancellationToken).ConfigureAwait(false);
                if (UserRules(kept) != UserRules(files) || Lost(rules, left))
                {
                    closed.ToList().ForEach(rule => tried.Refused(
                        rule, "Taking the rule away again would not give back the previous rules."));
                }
            }

            return tried.Finding(owner);
        }
    }

    private async Task AskAsync(
        FilterRehearsal copy, IReadOnlyList<FirewallRule> rules, Action<FirewallRule, RehearsalAnswer> answered,
        CancellationToken cancellationToken)
    {
        IReadOnlyList<SavedTables> saved = await copy.SavedAsync(cancellationToken).ConfigureAwait(false);
        FilterRehearsal asked = await WayRehearsal.OpenAsync(
            host, rules, cancellationToken, filter => filter with { Saved = saved }).ConfigureAwait(false);
        await using (asked.ConfigureAwait(false))
        {
            foreach (FirewallRule rule in rules)
            {
                answered(
                    rule, await WayRehearsal.AskAsync(asked, rule, cancellationToken).ConfigureAwait(false));
            }
        }
    }

    /// <summary>Takes what this product has for these ways away in the copy, as the host would.</summary>
    private async Task RemoveAsync(
        FilterRehearsal copy, FirewallReader inside, IReadOnlyList<FirewallRule> rules,
        CancellationToken cancellationToken)
    {
        IReadOnlyList<InstalledFirewallRule> there = await inside.ReadAsync(
            FirewallProvider.Ufw, [.. rules.Select(static r => r.LocalPort).Distinct()], cancellationToken)
            .ConfigureAwait(false);
        foreach (ToolCall call in there.Where(r => r.RuleId is not null && rules.Any(rule => Meets(r, rule)))
            .SelectMany(_writer.CloseCalls))
        {
            await copy.RunAsync(call, cancellationToken).ConfigureAwait(false);
        }
    }

    private static bool Meets(InstalledFirewallRule installed, FirewallRule rule) =>
        installed.Flow == rule.Flow && installed.Port == rule.LocalPort && installed.Family == rule.AddressFamily
        && PeerAddresses.Meets(installed.RemoteAddress, rule.RemoteAddress);

    private static async Task<(string Rules, string Files)> DumpAsync(
        FilterRehearsal copy, CancellationToken cancellationToken) => (
            await copy.DumpAsync(cancellationToken).ConfigureAwait(false),
            (await copy.RunAsync(
                new ToolCall("cat", ["/etc/ufw/user.rules", "/etc/ufw/user6.rules"]), cancellationToken)
                .ConfigureAwait(false)).Output);

    // ufw reads its own files again, and may set what it had not set before: only what is lost counts.
    private static bool Lost(string before, string after)
    {
        Dictionary<string, int> left = after.Split('\n').GroupBy(Plain)
            .ToDictionary(static g => g.Key, static g => g.Count(), StringComparer.Ordinal);
        return before.Split('\n').GroupBy(Plain).Any(g => left.GetValueOrDefault(g.Key) < g.Count());
    }

    // With any change ufw writes its files anew: what an older version wrote comes in the words of the one that is there.
    private static string UserRules(string files) => string.Join('\n', files.Split("### END RULES ###")
        .SelectMany(static part => part.Split("### RULES ###").Skip(1))
        .SelectMany(static rules => rules.Split('\n')).Select(Plain).Where(static line => line.Length > 0));

    private static string Plain(string line) => line.Trim()
        .Replace("-m state --state ", "-m conntrack --ctstate ", StringComparison.Ordinal);
}
