using System.Globalization;
using System.Net;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Firewall.Providers.Nftables;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Firewall.Providers;

/// <summary>
/// Reads this host's own filter as far as it may and as far as it is plain: an empty one passes, a default drop without
/// a rule for the port fails, a rule for the port is shown. Everything cleverer is Unknown, with where to look.
/// </summary>
internal sealed class LocalRuleProbe(
    Func<string, IReadOnlyList<string>, CancellationToken, Task<ToolResult>> run, bool windows)
{
    /// <summary>Result, evidence and recommendation.</summary>
    public async Task<(FirewallTestOutcome Result, string Evidence, string Recommendation)> LookAsync(
        RuleFlow flow, int port, CancellationToken cancellationToken, IPAddress? peer = null)
    {
        FirewallOwner owner = await new FirewallProviderDetector(run, windows)
            .DetectAsync(cancellationToken).ConfigureAwait(false);
        if (owner is { Known: true, Provider: null })
        {
            return (FirewallTestOutcome.Passed, owner.Reason, string.Empty);
        }

        switch (owner.Provider)
        {
            case FirewallProvider.Nftables:
                ToolResult nft = await run("nft", ["list", "ruleset"], cancellationToken).ConfigureAwait(false);
                string hook = flow == RuleFlow.In ? "input" : "output";
                NftChain[] chains = NftChain.Read(nft.Output).Where(c => c.Hook == hook).ToArray();
                if (peer is not null && NftWalk.Judge(chains, flow, peer, port) is { } walked)
                {
                    return walked;
                }

                return Judge([.. chains.Select(c => (
                    $"{c.Family} {c.Table} {c.Name}", c.DropsByDefault, c.Rules))], port, "dport");
            case FirewallProvider.Iptables:
                string chain = flow == RuleFlow.In ? "INPUT" : "OUTPUT";
                ToolResult iptables = await run("iptables", ["-S", chain], cancellationToken).ConfigureAwait(false);
                string[] lines = iptables.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
                return !iptables.Succeeded
                    ? Unknown(owner, flow, port)
                    : Judge([(
                        chain, lines.Contains($"-P {chain} DROP"),
                        [.. lines.Where(static l => l.StartsWith("-A ", StringComparison.Ordinal))])], port, "--dport");
            default:
                return Unknown(owner, flow, port);
        }
    }

    /// <summary>
    /// Reads the chains of one hook from the first rule to the policy, never deeper than what is plain.
    /// </summary>
    internal static (FirewallTestOutcome Result, string Evidence, string Recommendation) Judge(
        IReadOnlyList<(string Name, bool Drops, IReadOnlyList<string> Rules)> chains, int port, string match)
    {
        string number = port.ToString(CultureInfo.InvariantCulture);
        FirewallTestOutcome result = FirewallTestOutcome.Passed;
        var seen = new List<string>();
        foreach ((string name, bool drops, IReadOnlyList<string> rules) in chains)
        {
            string? own = rules.FirstOrDefault(r => Matches(r, match, number));
            if (own is not null)
            {
                bool denied = Denies(own);
                seen.Add($"{name} has '{own}'");
                // A rule may be limited to one peer or come after another: that it is there is not that it fits.
                result = denied ? FirewallTestOutcome.Failed : Worse(result, FirewallTestOutcome.Unknown);
            }
            else if (drops)
            {
                bool plain = !rules.Any(Jumps);
                seen.Add($"{name} drops by default and has no rule of its own for TCP {number}");
                result = plain ? FirewallTestOutcome.Failed : Worse(result, FirewallTestOutcome.Unknown);
            }
            else if (rules.Any(static r => Denies(r) || Jumps(r)))
            {
                seen.Add($"{name} accepts by default, but has rules that may deny");
                result = Worse(result, FirewallTestOutcome.Unknown);
            }
            else
            {
                seen.Add($"{name} accepts by default");
            }
        }

        string evidence = seen.Count == 0 ? "No chain of this host concerns it." : string.Join("; ", seen) + ".";
        return (result, evidence, result switch
        {
            FirewallTestOutcome.Failed => "Let it in: Set-ScanEngineCommunication -Name <engine> -Direction <its "
                + "direction> -WhatIf shows this host's rule with the command that adds it.",
            FirewallTestOutcome.Unknown => "Read the whole of it: sudo nft list ruleset (or sudo iptables -S).",
            _ => string.Empty,
        });
    }

    private static (FirewallTestOutcome Result, string Evidence, string Recommendation) Unknown(
        FirewallOwner owner, RuleFlow flow, int port)
    {
        string look = owner.Provider switch
        {
            FirewallProvider.Ufw => "sudo ufw status verbose",
            FirewallProvider.Firewalld => "sudo firewall-cmd --list-all",
            FirewallProvider.NetSecurity =>
                $"Get-NetFirewallRule -Direction {(flow == RuleFlow.In ? "Inbound" : "Outbound")} -Enabled True | "
                + "Get-NetFirewallPortFilter | Where-Object "
                + $"{(flow == RuleFlow.In ? "LocalPort" : "RemotePort")} -eq {port}",
            _ => "sudo nft list ruleset",
        };
        return (
            FirewallTestOutcome.Unknown,
            $"{owner.Reason} Its rules were not read.",
            $"See whether TCP {port} is allowed {(flow == RuleFlow.In ? "in" : "out")}: {look}");
    }

    private static FirewallTestOutcome Worse(FirewallTestOutcome so, FirewallTestOutcome now) =>
        so == FirewallTestOutcome.Failed ? so : now;

    private static bool Matches(string rule, string match, string port)
    {
        int at = rule.IndexOf(match, StringComparison.Ordinal);
        return at >= 0 && rule[(at + match.Length)..].Split([' ', ',', '{', '}'], StringSplitOptions.RemoveEmptyEntries)
            .TakeWhile(static w => w.All(static c => char.IsAsciiDigit(c)))
            .Contains(port, StringComparer.Ordinal);
    }

    private static bool Denies(string rule) => NftChain.HasWord(rule, "drop") || NftChain.HasWord(rule, "reject")
        || NftChain.HasWord(rule, "DROP") || NftChain.HasWord(rule, "REJECT");

    private static bool Jumps(string rule) => NftChain.HasWord(rule, "jump") || NftChain.HasWord(rule, "goto")
        || NftChain.HasWord(rule, "vmap")
        || (NftChain.HasWord(rule, "-j") && !NftChain.HasWord(rule, "ACCEPT") && !Denies(rule));
}
