using System.Globalization;
using ScanEngineAdmin.Firewall.Providers.Nftables;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Firewall.Providers;

/// <summary>
/// Finds out whether this host denies connections out that no rule allows, by asking the manager that owns its filter.
/// It looks at the default and not at single rules: a rule of ours must not make it look as if none were needed.
/// </summary>
internal sealed class OutboundDefault(
    Func<string, IReadOnlyList<string>, CancellationToken, Task<ToolResult>> run)
{
    private const string Profiles = "@(Get-NetFirewallProfile -PolicyStore ActiveStore|"
        + "Where-Object{\"$($_.Enabled)\" -in 'True','1' -and \"$($_.DefaultOutboundAction)\" -eq 'Block'}).Count";

    /// <summary>Null where it could not be found out.</summary>
    public async Task<bool?> LookAsync(FirewallOwner owner, CancellationToken cancellationToken) =>
        owner.Provider switch
        {
            null => owner.Known ? false : null,
            FirewallProvider.Nftables => Nft(await AskAsync("nft", cancellationToken, "list", "ruleset")
                .ConfigureAwait(false)),
            FirewallProvider.Iptables => await IptablesAsync(cancellationToken).ConfigureAwait(false),
            FirewallProvider.Ufw => Ufw(await AskAsync("ufw", cancellationToken, "status", "verbose")
                .ConfigureAwait(false)),
            FirewallProvider.Firewalld => await FirewalldAsync(owner, cancellationToken).ConfigureAwait(false),
            FirewallProvider.NetSecurity => Count(await AskAsync(
                "powershell", cancellationToken, "-NoProfile", "-NonInteractive", "-Command", Profiles)
                .ConfigureAwait(false)),
            FirewallProvider.Netsh => Netsh(await AskAsync(
                "netsh", cancellationToken, "advfirewall", "show", "allprofiles").ConfigureAwait(false)),
            _ => null,
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

    private static bool? Nft(string? ruleset) => ruleset is null ? null
        : NftChain.Read(ruleset).Any(static c => c.Hook == "output" && Ends(c.Rules, c.DropsByDefault));

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

    private static bool? Ufw(string? status)
    {
        string? line = status?.Split('\n')
            .FirstOrDefault(static l => l.StartsWith("Default:", StringComparison.Ordinal));
        return line is null ? null
            : line.Contains("deny (outgoing)", StringComparison.Ordinal)
                || line.Contains("reject (outgoing)", StringComparison.Ordinal);
    }

    private static int? Number(string? said) => int.TryParse(
        said, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) ? number : null;

    private static bool? Count(string? said) =>
        Number(said?.Trim()) is { } denying ? denying > 0 : null;

    // The words of the policy are the same in every language; those around them are not.
    private static bool? Netsh(string? said) => said is null ? null
        : said.Contains("BlockOutbound", StringComparison.Ordinal) ? true
        : said.Contains("AllowOutbound", StringComparison.Ordinal) ? false : null;

    private static bool EndsIptables(string said) => Ends(
        said.Split('\n').Where(static l => l.StartsWith("-A OUTPUT -j ", StringComparison.Ordinal))
            .Select(static l => l["-A OUTPUT -j ".Length..].ToLowerInvariant()),
        said.Split('\n').Contains("-P OUTPUT DROP", StringComparer.Ordinal));

    private async Task<bool?> IptablesAsync(CancellationToken cancellationToken)
    {
        string? v4 = await AskAsync("iptables", cancellationToken, "-S", "OUTPUT").ConfigureAwait(false);
        string? v6 = await AskAsync("ip6tables", cancellationToken, "-S", "OUTPUT").ConfigureAwait(false);
        // A host whose IPv6 has no filter says nothing about its IPv4.
        return v4 is null && v6 is null ? null : EndsIptables(v4 ?? string.Empty) || EndsIptables(v6 ?? string.Empty);
    }

    private async Task<bool?> FirewalldAsync(FirewallOwner owner, CancellationToken cancellationToken)
    {
        if (owner.Policies.Count > 0)
        {
            return true;
        }

        const string Tool = "firewall-cmd";
        Task<string?> direct = AskAsync(Tool, cancellationToken, "--direct", "--get-all-rules");
        Task<string?> passed = AskAsync(Tool, cancellationToken, "--direct", "--get-all-passthroughs");
        if (await direct.ConfigureAwait(false) is not { } rules)
        {
            return null;
        }

        return DirectDenies(rules, await passed.ConfigureAwait(false) ?? string.Empty);
    }

    private async Task<string?> AskAsync(string tool, CancellationToken cancellationToken, params string[] arguments)
    {
        ToolResult result = await run(tool, arguments, cancellationToken).ConfigureAwait(false);
        return result.Succeeded ? result.Output : null;
    }
}
