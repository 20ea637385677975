using ScanEngineAdmin.Firewall.Providers;
using ScanEngineAdmin.Firewall.Providers.Firewalld;
using ScanEngineAdmin.Firewall.Rehearsal;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Firewall.Applying;

/// <summary>
/// Tries the rules of a plan by the lines that firewalld writes for them into its chains, in a copy of the host's
/// filter: whether they are needed, and whether they open the way.
/// </summary>
internal sealed class FirewalldSearch(HostTools host)
{
    private const StringSplitOptions Options = StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries;
    private static readonly char[] Blanks = [' ', '\n'];

    /// <param name="adds">The rules that a plan adds.</param>
    /// <param name="owner">The host's firewalld.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="RehearsalException">Nothing can be tried here.</exception>
    public async Task<PlacementFinding> FindAsync(
        IReadOnlyList<FirewallRule> adds, FirewallOwner owner, CancellationToken cancellationToken)
    {
        ToolResult zone = await host.Run(new ToolCall("firewall-cmd", ["--get-default-zone"]), cancellationToken)
            .ConfigureAwait(false);
        if (!zone.Succeeded)
        {
            throw new RehearsalException($"firewalld does not tell its default zone: {FirewallFaults.Said(zone)}");
        }

        ToolResult zones = await host.Run(new ToolCall("firewall-cmd", ["--get-zones"]), cancellationToken)
            .ConfigureAwait(false);
        var places = new RulePlaces();
        var lines = new FirewalldLines(places, owner.Policies);
        IReadOnlyList<FirewallRule> ours = new AddedRules(host.Folder).Rules();
        FilterRehearsal copy = await WayRehearsal.OpenAsync(
            host, adds, cancellationToken, filter => FirewalldLines.Without(filter, ours)).ConfigureAwait(false);
        await using (copy.ConfigureAwait(false))
        {
            var tried = new TriedWays();
            foreach (FirewallRule rule in adds)
            {
                tried.Before(rule, await WayRehearsal.AskAsync(copy, rule, cancellationToken).ConfigureAwait(false));
                if (!tried.IsClosed(rule))
                {
                    continue;
                }

                if (rule.Flow == RuleFlow.In)
                {
                    await FindZonesAsync(
                        copy, rule, [zone.Output.Trim(), .. zones.Output.Split(Blanks, Options)], places,
                        cancellationToken).ConfigureAwait(false);
                }

                foreach (ToolCall call in lines.Calls(rule, copy.Filter))
                {
                    ToolResult result = await copy.RunAsync(call, cancellationToken).ConfigureAwait(false);
                    if (!result.Succeeded)
                    {
                        throw new RehearsalException(
                            "The chains of this firewalld are not those that are known: "
                            + FirewallFaults.Said(result));
                    }
                }

                tried.After(rule, await WayRehearsal.AskAsync(copy, rule, cancellationToken).ConfigureAwait(false));
            }

            return tried.Finding(owner with { Places = places });
        }
    }

    /// <summary>
    /// The zone of each peer: firewalld binds interfaces, addresses, sets of addresses and MACs to zones, and the chain
    /// that the kernel led the packet into says which of them takes effect.
    /// </summary>
    private static async Task FindZonesAsync(
        FilterRehearsal copy, FirewallRule rule, string[] zones, RulePlaces places, CancellationToken cancellationToken)
    {
        foreach (string address in RuleText.Addresses(rule).DefaultIfEmpty(string.Empty))
        {
            RehearsalAnswer answer = await WayRehearsal.AskAsync(
                copy, rule with { RemoteAddress = address.Length == 0 ? [] : [address] }, cancellationToken)
                .ConfigureAwait(false);
            places.Add(rule.RuleId, address, answer.Chains
                .Select(chain => zones.FirstOrDefault(z => chain == "filter_IN_" + z || chain == "IN_" + z))
                .LastOrDefault(static z => z is not null) ?? zones[0]);
        }
    }
}
