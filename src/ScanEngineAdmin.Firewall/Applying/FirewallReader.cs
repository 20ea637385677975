using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Firewall.Providers;
using ScanEngineAdmin.Firewall.Providers.Firewalld;
using ScanEngineAdmin.Firewall.Providers.Iptables;
using ScanEngineAdmin.Firewall.Providers.Nftables;
using ScanEngineAdmin.Firewall.Providers.Ufw;
using ScanEngineAdmin.Firewall.Providers.Windows;
using ScanEngineAdmin.Firewall.Rehearsal;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Firewall.Applying;

/// <summary>
/// Reads the rules of this host's filter through the manager that owns it: ours, and foreign ones that matter for our
/// ports. It changes nothing.
/// </summary>
internal sealed class FirewallReader
{
    private static readonly FirewallProvider[] OfLinux =
        [FirewallProvider.Nftables, FirewallProvider.Iptables, FirewallProvider.Ufw, FirewallProvider.Firewalld];

    private readonly HostTools _host;

    /// <param name="folder">Where the applier keeps what it did; null for the system's own.</param>
    public FirewallReader(string? folder = null)
        : this(HostTools.OfThisHost(folder))
    {
    }

    internal FirewallReader(HostTools host) => _host = host;

    public Task<FirewallOwner> OwnerAsync(CancellationToken cancellationToken) => _host.OwnerAsync(cancellationToken);

    /// <summary>Asks the manager that owns this host's filter, or the one that is named.</summary>
    /// <returns>The owner, and its rules: none where no filter is in force.</returns>
    /// <exception cref="ScanEngineException">ProviderUnavailable, FirewallAccessDenied.</exception>
    public async Task<(FirewallOwner Owner, IReadOnlyList<InstalledFirewallRule> Rules)> ReadHostAsync(
        FirewallProvider? named, IReadOnlyCollection<int> ports, CancellationToken cancellationToken)
    {
        FirewallOwner owner = named is { } one
            ? await _host.NamedAsync(one, cancellationToken).ConfigureAwait(false)
            : await OwnerAsync(cancellationToken).ConfigureAwait(false);
        return owner.Provider is { } provider
            ? (owner, await ReadAsync(provider, ports, cancellationToken).ConfigureAwait(false))
            : owner.Known ? (owner, []) : throw FirewallFaults.NoOwner(owner);
    }

    /// <summary>
    /// This product's rules in the managers of this kernel other than the one that is asked: another may have owned the
    /// filter, have been named, or have denied the way as well, when they were written.
    /// </summary>
    public async Task<IReadOnlyList<InstalledFirewallRule>> OursElsewhereAsync(
        FirewallProvider? owner, IReadOnlyCollection<int> ports, CancellationToken cancellationToken)
    {
        var found = new List<InstalledFirewallRule>();
        foreach (FirewallProvider other in OfLinux.Where(other => other != owner && !_host.Windows))
        {
            // One that is installed and stopped would be asked eight times for nothing.
            if (other == FirewallProvider.Firewalld && !(await _host.Run(
                new ToolCall("firewall-cmd", ["--state"]), cancellationToken).ConfigureAwait(false)).Succeeded)
            {
                continue;
            }

            try
            {
                found.AddRange((await ReadAsync(other, ports, cancellationToken).ConfigureAwait(false))
                    .Where(static rule => !rule.Foreign));
            }
            catch (ScanEngineException)
            {
                // Not installed, or not a manager of what is there.
            }
        }

        return found;
    }

    /// <summary>Whether this host denies connections out by default; null when that cannot be found out.</summary>
    /// <param name="owner">Who owns its filter.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <param name="ways">Where its node dials; none where that is not known.</param>
    public Task<bool?> DeniesOutboundAsync(
        FirewallOwner owner, CancellationToken cancellationToken, IReadOnlyList<OutboundWay>? ways = null) =>
        _host.DeniesOutbound is { } said ? said(cancellationToken)
        : new OutboundDefault(
            (tool, arguments, token) => _host.Run(new ToolCall(tool, arguments), token), _host.NodeUser)
            .LookAsync(owner, cancellationToken, ways);

    /// <param name="provider">The manager to ask.</param>
    /// <param name="ports">The ports that foreign rules are looked at for.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ScanEngineException">ProviderUnavailable, FirewallAccessDenied.</exception>
    public Task<IReadOnlyList<InstalledFirewallRule>> ReadAsync(
        FirewallProvider provider, IReadOnlyCollection<int> ports, CancellationToken cancellationToken) =>
        provider switch
        {
            FirewallProvider.Nftables => NftAsync(ports, cancellationToken),
            FirewallProvider.Iptables => IptablesAsync(ports, cancellationToken),
            FirewallProvider.Ufw => UfwAsync(ports, cancellationToken),
            FirewallProvider.Firewalld => FirewalldAsync(ports, cancellationToken),
            FirewallProvider.NetSecurity => NetSecurityAsync(ports, cancellationToken),
            FirewallProvider.Netsh => NetshAsync(ports, cancellationToken),
            _ => throw new ArgumentOutOfRangeException(nameof(provider), provider, "There is no such provider."),
        };

    private async Task<IReadOnlyList<InstalledFirewallRule>> NftAsync(
        IReadOnlyCollection<int> ports, CancellationToken cancellationToken)
    {
        string all = await AskNftAsync(["-j", "list", "ruleset"], cancellationToken).ConfigureAwait(false);
        try
        {
            return NftReader.Read(all, ports);
        }
        catch (ScanEngineException)
        {
            // nft 1.0.6 writes what is no JSON for a table with flags: then the others are listed one by one.
            string listed = await AskNftAsync(["-t", "list", "ruleset"], cancellationToken).ConfigureAwait(false);
            IReadOnlyList<string> tables = NftReader.TablesInForce(listed, out bool dormant);
            if (!dormant)
            {
                throw;
            }

            var found = new List<InstalledFirewallRule>();
            foreach (string table in tables)
            {
                found.AddRange(NftReader.Read(
                    await AskNftAsync(["-j", "list", "table", .. table.Split(' ')], cancellationToken)
                        .ConfigureAwait(false), ports));
            }

            return found;
        }
    }

    private Task<string> AskNftAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken) =>
        AskAsync(FirewallProvider.Nftables, "nft", arguments, cancellationToken);

    private async Task<IReadOnlyList<InstalledFirewallRule>> IptablesAsync(
        IReadOnlyCollection<int> ports, CancellationToken cancellationToken)
    {
        string v4 = await AskAsync(FirewallProvider.Iptables, "iptables-save", ["-t", "filter"], cancellationToken)
            .ConfigureAwait(false);
        string v6 = await AskAsync(FirewallProvider.Iptables, "ip6tables-save", ["-t", "filter"], cancellationToken)
            .ConfigureAwait(false);
        if ((v4 + v6).Contains("Table `filter' is incompatible", StringComparison.Ordinal))
        {
            // It would list nothing of what it takes, and nothing of ours could be found or taken away again.
            throw new ScanEngineException(
                FaultCode.ProviderUnavailable,
                "The table 'filter' of this host belongs to nftables: iptables could write into it, and not read it.",
                "Name the provider that owns this host's filter: -Provider Nftables",
                nameof(FirewallProvider.Iptables));
        }

        return [
            .. IptablesReader.Read(v4, RuleFamily.IPv4, ports), .. IptablesReader.Read(v6, RuleFamily.IPv6, ports),
            .. await OtherIptablesAsync(ports, cancellationToken).ConfigureAwait(false)];
    }

    /// <summary>The rules of the backend of iptables that does not have the plain name: the kernel asks both.</summary>
    private async Task<IReadOnlyList<InstalledFirewallRule>> OtherIptablesAsync(
        IReadOnlyCollection<int> ports, CancellationToken cancellationToken)
    {
        ToolResult version = await _host.Run(new ToolCall("iptables", ["-V"]), cancellationToken)
            .ConfigureAwait(false);
        if (!version.Succeeded)
        {
            return [];
        }

        string backend = version.Output.Contains("nf_tables", StringComparison.Ordinal)
            ? "iptables-legacy" : "iptables-nft";
        var found = new List<InstalledFirewallRule>();
        foreach (RuleFamily family in (RuleFamily[])[RuleFamily.IPv4, RuleFamily.IPv6])
        {
            // Without a table's name: the older backend makes a table when it is asked for it.
            var call = new ToolCall(IptablesWriter.Tool(family, backend) + "-save", []);
            ToolResult saved = await _host.Run(call, cancellationToken).ConfigureAwait(false);
            if (saved is { Found: true, Succeeded: false })
            {
                throw FirewallFaults.Tool(FirewallProvider.Iptables, call, saved);
            }

            found.AddRange(IptablesReader.Read(HostFilterReader.Text(saved.Output), family, ports)
                .Select(rule => rule with { Backend = backend }));
        }

        return found;
    }

    private async Task<IReadOnlyList<InstalledFirewallRule>> UfwAsync(
        IReadOnlyCollection<int> ports, CancellationToken cancellationToken) => UfwReader.Read(
            await AskAsync(FirewallProvider.Ufw, "ufw", ["status", "verbose"], cancellationToken)
                .ConfigureAwait(false), ports);

    private async Task<IReadOnlyList<InstalledFirewallRule>> FirewalldAsync(
        IReadOnlyCollection<int> ports, CancellationToken cancellationToken)
    {
        // Each is a slow script, and none changes anything: side by side.
        string[] said = await Task.WhenAll(
            AskFirewalldAsync(["--list-all-zones"], cancellationToken),
            AskFirewalldAsync(["--permanent", "--list-all-zones"], cancellationToken),
            AskFirewalldAsync(["--direct", "--get-all-rules"], cancellationToken),
            AskFirewalldAsync(["--permanent", "--direct", "--get-all-rules"], cancellationToken),
            PoliciesAsync(["--list-all-policies"], cancellationToken),
            PoliciesAsync(["--permanent", "--list-all-policies"], cancellationToken),
            AskFirewalldAsync(["--get-default-zone"], cancellationToken),
            AskFirewalldAsync(["--get-active-zones"], cancellationToken))
            .ConfigureAwait(false);
        // What we added is of interest whatever its port.
        var added = new AddedRules(_host.Folder);
        ports = [.. ports.Union(added.Ports())];
        IEnumerable<InstalledFirewallRule> all = FirewalldReader.Merge(
            [.. FirewalldReader.ReadZones(said[0], ports), .. FirewalldReader.ReadDirect(said[2], ports),
                .. FirewalldReader.ReadPolicies(said[4], ports)],
            [.. FirewalldReader.ReadZones(said[1], ports), .. FirewalldReader.ReadDirect(said[3], ports),
                .. FirewalldReader.ReadPolicies(said[5], ports, kept: true)]);
        // What no packet comes to is of interest only where it is ours.
        string zone = said[6].Trim();
        HashSet<string> asked = [zone, .. FirewalldReader.Names(said[7])];
        return [.. added.Label(all, zone).Where(
            rule => !rule.Foreign || rule.Flow == RuleFlow.Out || rule.Chain == FirewalldReader.Direct
                || asked.Contains(rule.Chain))
            .Select(rule => rule with
            {
                IsElsewhere = rule.Flow == RuleFlow.In && rule.Chain != FirewalldReader.Direct && rule.Chain != zone,
            })];
    }

    // An older firewalld has no policies: that is no fault.
    private async Task<string> PoliciesAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken) =>
        await _host.Run(new ToolCall("firewall-cmd", arguments), cancellationToken).ConfigureAwait(false)
            is { Succeeded: true } said ? said.Output : string.Empty;

    private async Task<IReadOnlyList<InstalledFirewallRule>> NetSecurityAsync(
        IReadOnlyCollection<int> ports, CancellationToken cancellationToken) => WindowsRuleReader.ReadNetSecurity(
            await AskAsync(
                FirewallProvider.NetSecurity, NetSecurityWriter.PowerShell(WindowsRuleReader.Script),
                cancellationToken).ConfigureAwait(false), ports);

    private async Task<IReadOnlyList<InstalledFirewallRule>> NetshAsync(
        IReadOnlyCollection<int> ports, CancellationToken cancellationToken) => WindowsRuleReader.ReadNetsh(
            await AskAsync(
                FirewallProvider.Netsh, "netsh", ["advfirewall", "firewall", "show", "rule", "name=all"],
                cancellationToken).ConfigureAwait(false), ports);

    private Task<string> AskFirewalldAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken) =>
        AskAsync(FirewallProvider.Firewalld, "firewall-cmd", arguments, cancellationToken);

    private Task<string> AskAsync(
        FirewallProvider provider, string tool, IReadOnlyList<string> arguments, CancellationToken cancellationToken) =>
        AskAsync(provider, new ToolCall(tool, arguments), cancellationToken);

    private async Task<string> AskAsync(FirewallProvider provider, ToolCall call, CancellationToken cancellationToken)
    {
        ToolResult result = await _host.Run(call, cancellationToken).ConfigureAwait(false);
        return result.Succeeded ? result.Output : throw FirewallFaults.Tool(provider, call, result);
    }
}
