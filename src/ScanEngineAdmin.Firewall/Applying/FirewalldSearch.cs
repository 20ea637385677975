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

        var lines = new FirewalldLines(zone.Output.Trim(), owner.Policies);
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

            return tried.Finding(owner);
        }
    }
}
