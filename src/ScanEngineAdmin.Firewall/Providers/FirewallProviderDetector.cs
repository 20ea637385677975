using ScanEngineAdmin.Firewall.Providers.Firewalld;
using ScanEngineAdmin.Firewall.Providers.Nftables;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Firewall.Providers;

/// <summary>
/// Finds out which manager owns this host's packet filter. A rule given to any other is overridden or wiped by it.
/// Without the rights to look it answers unknown and says how to find out.
/// </summary>
public sealed class FirewallProviderDetector
{
    private const string Marker = "is managed by iptables-nft";
    private readonly Func<string, IReadOnlyList<string>, CancellationToken, Task<ToolResult>> _run;
    private readonly bool _windows;

    public FirewallProviderDetector()
        : this(ToolRunner.RunAsync, OperatingSystem.IsWindows())
    {
    }

    internal FirewallProviderDetector(
        Func<string, IReadOnlyList<string>, CancellationToken, Task<ToolResult>> run, bool windows)
    {
        _run = run;
        _windows = windows;
    }

    /// <summary>A remote host's provider: what it said of itself, else what its platform most likely has.</summary>
    public static FirewallProvider Guess(string? said, bool windows) =>
        Enum.TryParse(said, ignoreCase: true, out FirewallProvider provider) && Enum.IsDefined(provider)
            ? provider
            : windows ? FirewallProvider.NetSecurity : FirewallProvider.Nftables;

    public async Task<FirewallOwner> DetectAsync(CancellationToken cancellationToken)
    {
        if (_windows)
        {
            return new FirewallOwner(
                FirewallProvider.NetSecurity, "This is Windows: its own firewall, by the NetSecurity cmdlets.", true);
        }

        // Both are slow scripts and neither changes anything: side by side.
        Task<ToolResult> asked = _run("ufw", ["status"], cancellationToken);
        ToolResult firewalld = await _run("firewall-cmd", ["--state"], cancellationToken).ConfigureAwait(false);
        ToolResult ufw = await asked.ConfigureAwait(false);
        if (firewalld.Succeeded)
        {
            // An older firewalld has no policies, and says so.
            ToolResult listed = await _run("firewall-cmd", ["--list-all-policies"], cancellationToken)
                .ConfigureAwait(false);
            IReadOnlyList<string> policies = listed.Succeeded ? OutboundDefault.DenyingPolicies(listed.Output) : [];
            return new FirewallOwner(FirewallProvider.Firewalld, "'firewall-cmd --state' says running.", true)
            {
                Policies = policies.Count > 0 && await DirectDeniesAsync(cancellationToken).ConfigureAwait(false)
                    ? [.. policies, FirewalldWriter.Direct]
                    : policies,
            };
        }

        if (ufw.Succeeded && ufw.Output.Contains("Status: active", StringComparison.Ordinal))
        {
            return new FirewallOwner(FirewallProvider.Ufw, "'ufw status' says active.", true);
        }

        ToolResult nft = await _run("nft", ["list", "ruleset"], cancellationToken).ConfigureAwait(false);
        FirewallOwner? seen = nft.Succeeded ? OfRuleset(nft.Output) : null;
        if (seen?.Provider is not null)
        {
            return seen;
        }

        // Also when nft shows nothing: it does not see what the older iptables has put in.
        ToolResult iptables = await _run("iptables", ["-S"], cancellationToken).ConfigureAwait(false);
        if (iptables.Succeeded)
        {
            // Three policies of ACCEPT and nothing else is an empty filter.
            bool empty = iptables.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .All(static l => l.StartsWith("-P ", StringComparison.Ordinal)
                    && l.EndsWith(" ACCEPT", StringComparison.Ordinal));
            return empty
                ? seen ?? new FirewallOwner(null, "'iptables -S' shows no rule: this host filters nothing.", true)
                : new FirewallOwner(FirewallProvider.Iptables, "'iptables -S' shows rules.", true);
        }

        return seen is not null ? seen
            : ufw.Found || nft.Found || iptables.Found
            ? new FirewallOwner(
                null,
                "The packet filter may not be read by this user. To find out: sudo nft list ruleset; sudo ufw status.",
                false)
            : new FirewallOwner(
                null, "None of firewall-cmd, ufw, nft and iptables is installed: nothing on this host shows a filter.",
                false);
    }

    /// <summary>A packet that a policy lets out still has to pass what direct rules say.</summary>
    private async Task<bool> DirectDeniesAsync(CancellationToken cancellationToken)
    {
        Task<ToolResult> passed = _run("firewall-cmd", ["--direct", "--get-all-passthroughs"], cancellationToken);
        ToolResult rules = await _run("firewall-cmd", ["--direct", "--get-all-rules"], cancellationToken)
            .ConfigureAwait(false);
        return OutboundDefault.DirectDenies(rules.Output, (await passed.ConfigureAwait(false)).Output);
    }

    private static FirewallOwner OfRuleset(string ruleset)
    {
        NftChain[] chains = NftChain.Read(ruleset).Where(static c => c.Hook is "input" or "output").ToArray();
        string[] marked = ruleset.Split('\n')
            .Where(static l => l.Contains(Marker, StringComparison.Ordinal))
            .Select(static l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(static w => w.Length > 4 && w[2] == "table")
            .Select(static w => w[3] + " " + w[4]).ToArray();
        // nft marks only tables that hold iptables' own matches; a bare policy is unmarked, but in iptables' capitals.
        NftChain[] foreign = chains.Where(c => marked.Contains(c.Family + " " + c.Table)
            || c is { Family: "ip" or "ip6", Table: "filter", Name: "INPUT" or "OUTPUT" }).ToArray();
        NftChain[] native = chains.Except(foreign).ToArray();
        // Both may be there (Docker brings iptables tables to any host): the one that denies is the one to convince.
        bool nativeDenies = native.Any(static c => c.Denies) && !foreign.Any(static c => c.Denies);
        if (foreign.Length > 0 && !nativeDenies)
        {
            return new FirewallOwner(
                FirewallProvider.Iptables,
                $"nft lists table {foreign[0].Family} {foreign[0].Table} as iptables-nft's.", true);
        }

        if (native.Length == 0)
        {
            return new FirewallOwner(
                null, "'nft list ruleset' has no input or output chain: this host filters nothing.", true);
        }

        NftChain input = native.OrderByDescending(static c => c.Hook == "input").ThenByDescending(static c => c.Denies)
            .First();
        NftChain? output = native.FirstOrDefault(
            c => c.Hook == "output" && c.Family == input.Family && c.Table == input.Table);
        return new FirewallOwner(
            FirewallProvider.Nftables,
            $"nft has a native filter: {input.Family} {input.Table} {input.Name}.",
            true,
            new NftablesPlacement(
                input.Family, input.Table, input.Hook == "input" ? input.Name : "input", output?.Name ?? "output"));
    }
}
