using System.Globalization;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Firewall.Rehearsal;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Firewall.Providers;

/// <summary>
/// Finds out whether this host denies connections out that no rule of this product lets out: to the peers that its node
/// dials, or, where they are not known, to any. Linux' kernel is asked.
/// </summary>
internal sealed class OutboundDefault(
    Func<string, IReadOnlyList<string>, CancellationToken, Task<ToolResult>> run, SocketUser? user = null,
    Rehearsals? rehearsals = null)
{
    private const string Profiles = "@(Get-NetFirewallProfile -PolicyStore ActiveStore|"
        + "Where-Object{\"$($_.Enabled)\" -in 'True','1' -and \"$($_.DefaultOutboundAction)\" -eq 'Block'}).Count";

    /// <summary>Null where it could not be found out.</summary>
    /// <param name="owner">Who owns the host's filter.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <param name="ways">Where the host's node dials; none where that is not known.</param>
    public async Task<bool?> LookAsync(
        FirewallOwner owner, CancellationToken cancellationToken, IReadOnlyList<OutboundWay>? ways = null) =>
        owner.Provider switch
        {
            null when owner.Known => false,
            FirewallProvider.Firewalld when owner.Policies.Count > 0 => true,
            FirewallProvider.NetSecurity => Count(await AskAsync(
                "powershell", cancellationToken, "-NoProfile", "-NonInteractive", "-Command", Profiles)
                .ConfigureAwait(false)),
            FirewallProvider.Netsh => Netsh(await AskAsync(
                "netsh", cancellationToken, "advfirewall", "show", "allprofiles").ConfigureAwait(false)),
            _ => await RehearseAsync(owner, ways ?? [], cancellationToken).ConfigureAwait(false),
        };

    /// <summary>The policies of firewalld that what this host itself sends has to pass, and that deny.</summary>
    internal static IReadOnlyList<string> DenyingPolicies(string listed, bool activeOnly = true)
    {
        var found = new List<string>();
        string name = string.Empty;
        string target = string.Empty;
        foreach (string line in listed.Split('\n').Append("."))
        {
            string text = line.Trim();
            if (line.Length > 0 && !char.IsWhiteSpace(line[0]))
            {
                bool active = text.EndsWith(" (active)", StringComparison.Ordinal);
                name = active ? text[..^9] : activeOnly ? string.Empty : text;
                target = string.Empty;
            }
            else if (text.StartsWith("target:", StringComparison.Ordinal))
            {
                target = text["target:".Length..].Trim();
            }
            else if (name.Length > 0 && target is "DROP" or "REJECT"
                && text.StartsWith("ingress-zones:", StringComparison.Ordinal)
                && text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Contains("HOST", StringComparer.Ordinal))
            {
                found.Add(name);
            }
        }

        return found;
    }

    /// <summary>Whether firewalld's direct rules deny what no rule with a condition is about.</summary>
    internal static bool DirectDenies(string rules, string passedThrough)
    {
        // ipv4 filter OUTPUT 99 -j DROP: the priority stands between the chain and the rule.
        IEnumerable<string> bare = rules.Split('\n').Select(static l => l.Trim().Split(' '))
            .Where(static w => w is [_, "filter", "OUTPUT", _, "-j", _, ..])
            .OrderBy(static w => Number(w[3]) ?? 0)
            .Select(static w => w[5].ToLowerInvariant());
        return Ends(bare, passedThrough.Contains("-P OUTPUT DROP", StringComparison.Ordinal));
    }

    /// <summary>What meets a packet that no rule with a condition is about.</summary>
    private static bool Ends(IEnumerable<string> rules, bool policyDrops)
    {
        foreach (string rule in rules)
        {
            string[] words = [.. rule.Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .SkipWhile(static w => w is "counter" or "packets" or "bytes" || w.All(char.IsAsciiDigit))];
            if (words is ["drop" or "reject", ..])
            {
                return true;
            }

            if (words is ["accept", ..])
            {
                return false;
            }
        }

        return policyDrops;
    }

    private static int? Number(string? said) => int.TryParse(
        said, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) ? number : null;

    private static bool? Count(string? said) =>
        Number(said?.Trim()) is { } denying ? denying > 0 : null;

    // The words of the policy are the same in every language; those around them are not.
    private static bool? Netsh(string? said) => said is null ? null
        : said.Contains("BlockOutbound", StringComparison.Ordinal) ? true
        : said.Contains("AllowOutbound", StringComparison.Ordinal) ? false : null;

    private async Task<bool?> RehearseAsync(
        FirewallOwner owner, IReadOnlyList<OutboundWay> ways, CancellationToken cancellationToken)
    {
        // ufw's and firewalld's rules bear no tag in the kernel: ours for a peer would look as if none were needed.
        // There the peers that nobody has are asked about as well, for whom there is no rule.
        OutboundWay[] asked = [.. ways, .. ways.Count > 0
            && owner.Provider is null or FirewallProvider.Nftables or FirewallProvider.Iptables ? [] : Samples];
        try
        {
            return await (rehearsals ?? new Rehearsals(run)).AskAsync(
                [.. asked.Select(static w => w.Peer).Distinct()], user, withOurs: false,
                rehearsal => DeniesAsync(rehearsal, asked, cancellationToken), cancellationToken)
                .ConfigureAwait(false);
        }
        catch (RehearsalException)
        {
            return await new FilterPresence(run).IsEmptyAsync(cancellationToken).ConfigureAwait(false) ? false : null;
        }
    }

    private static async Task<bool?> DeniesAsync(
        FilterRehearsal rehearsal, IEnumerable<OutboundWay> ways, CancellationToken cancellationToken)
    {
        bool unknown = false;
        foreach (OutboundWay way in ways.Where(w => rehearsal.CanAsk(w.Peer)))
        {
            RehearsalAnswer answer = (await rehearsal.AskOutAsync(way.Peer, way.Port, cancellationToken)
                .ConfigureAwait(false)).OfFlow(RuleFlow.Out);
            if (answer.IsDenied)
            {
                return true;
            }

            unknown |= answer.Verdict == RehearsalVerdict.Unknown;
        }

        return unknown ? null : false;
    }

    private static IEnumerable<OutboundWay> Samples => AnyPeer.Samples.SelectMany(
        static peer => new[] { WellKnownPorts.Engine, WellKnownPorts.Console }
            .Select(port => new OutboundWay(peer, port)));

    private async Task<string?> AskAsync(string tool, CancellationToken cancellationToken, params string[] arguments)
    {
        ToolResult result = await run(tool, arguments, cancellationToken).ConfigureAwait(false);
        return result.Succeeded ? result.Output : null;
    }
}
