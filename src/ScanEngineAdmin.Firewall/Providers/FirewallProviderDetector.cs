using ScanEngineAdmin.Firewall.Providers.Firewalld;
using ScanEngineAdmin.Firewall.Providers.Nftables;
using ScanEngineAdmin.Firewall.Rehearsal;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Firewall.Providers;

/// <summary>
/// Finds out which manager owns this host's packet filter. A rule given to any other is overridden or wiped by it.
/// Without the rights to look it answers unknown and says how to find out.
/// </summary>
internal sealed class FirewallProviderDetector
{
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

        // Never -S or -L: the older iptables makes its tables when they are listed.
        ToolResult nft = await _run("nft", ["list", "ruleset"], cancellationToken).ConfigureAwait(false);
        IReadOnlyList<SavedTables>? saved;
        string refused = string.Empty;
        try
        {
            saved = await new HostFilterReader(_run).SavedAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (RehearsalException e)
        {
            (saved, refused) = (null, e.Message);
        }

        FirewallOwner? found = nft.Succeeded || saved is { Count: > 0 }
            ? OfRules(nft.Succeeded ? nft.Output : string.Empty, saved ?? [])
            : null;

        // That nothing is there can be said by those only that could be read.
        if (found is { Provider: not null } || (found is not null && refused.Length == 0))
        {
            return found;
        }

        return ufw.Found || nft.Found || refused.Length > 0
            ? new FirewallOwner(
                null,
                "The packet filter may not be read by this user. To find out: sudo nft list ruleset; sudo ufw status.",
                false)
            : new FirewallOwner(
                null, "None of firewall-cmd, ufw, nft and iptables is installed: nothing on this host shows a filter.",
                false)
            {
                NoTool = true,
            };
    }

    /// <summary>A packet that a policy lets out still has to pass what direct rules say.</summary>
    private async Task<bool> DirectDeniesAsync(CancellationToken cancellationToken)
    {
        Task<ToolResult> passed = _run("firewall-cmd", ["--direct", "--get-all-passthroughs"], cancellationToken);
        ToolResult rules = await _run("firewall-cmd", ["--direct", "--get-all-rules"], cancellationToken)
            .ConfigureAwait(false);
        return OutboundDefault.DirectDenies(rules.Output, (await passed.ConfigureAwait(false)).Output);
    }

    // Both may be there (Docker brings iptables tables to any host): the one that denies is the one to convince.
    private static FirewallOwner OfRules(string ruleset, IReadOnlyList<SavedTables> saved)
    {
        string native = HostFilterReader.Native(ruleset, saved);
        NftChain[] chains = [.. NftChain.Read(native).Where(static c => c.Family is "ip" or "ip6" or "inet")];
        NftChain? input = Owner(chains, "input");
        NftChain? output = Owner(chains, "output");
        NftChain? main = input is { Denies: true } || output is null ? input
            : output.Denies ? output : input ?? output;
        SavedTables? denying = saved.FirstOrDefault(static s => s.Denies);
        if (main is { Denies: true } || (main is not null && denying is null && !saved.Any(static s => s.HasRules)))
        {
            string hook = main.Hook;
            return new FirewallOwner(
                FirewallProvider.Nftables,
                $"nft has a native filter: {main.Family} {main.Table} {main.Name}.",
                true,
                new NftablesPlacement(
                    main.Family, main.Table,
                    hook == "input" ? main.Name : chains.FirstOrDefault(c => Beside(c, "input"))?.Name ?? "input",
                    hook == "output" ? main.Name : chains.FirstOrDefault(c => Beside(c, "output"))?.Name ?? "output"));
        }

        if (denying is not null || saved.Any(static s => s.HasRules))
        {
            SavedTables shown = denying ?? saved.First(static s => s.HasRules);
            return new FirewallOwner(FirewallProvider.Iptables, $"'{shown.Tool}-save' shows rules.", true);
        }

        return native.Contains(" hook ", StringComparison.Ordinal)
            ? new FirewallOwner(
                FirewallProvider.Nftables, "nft has native chains, and none of them is an input or output "
                    + "filter.", true)
            : new FirewallOwner(
                null, "Neither nft nor iptables has a chain with a rule: this host filters nothing.", true);

        bool Beside(NftChain chain, string hook) =>
            chain.Hook == hook && chain.Family == main!.Family && chain.Table == main.Table;
    }

    // A policy that drops meets everything that nothing else has let in; a rule that drops may be about anything.
    private static NftChain? Owner(IEnumerable<NftChain> chains, string hook) => chains
        .Where(c => c.Hook == hook)
        .OrderByDescending(static c => c.DropsByDefault).ThenByDescending(static c => c.Denies).FirstOrDefault();
}
