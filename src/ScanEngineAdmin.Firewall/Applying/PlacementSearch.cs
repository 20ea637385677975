using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Firewall.Providers;
using ScanEngineAdmin.Firewall.Providers.Iptables;
using ScanEngineAdmin.Firewall.Providers.Nftables;
using ScanEngineAdmin.Firewall.Rehearsal;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Firewall.Applying;

/// <summary>
/// Finds by trying where rules have to go: in a copy of this host's filter each chain that denies gets the rule, until
/// the kernel lets the connection through. The undo is tried as well. The host is only read.
/// </summary>
internal sealed class PlacementSearch(HostTools host)
{
    // So many chains, one after the other, may deny the same connection.
    private const int Rounds = 8;

    private readonly Dictionary<string, string> _open = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _hopeless = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _unproved = new(StringComparer.Ordinal);
    private readonly RulePlaces _backends = new();
    private readonly Dictionary<string, IReadOnlyList<NftablesChain>> _chains = new(StringComparer.Ordinal);
    private readonly List<FirewallProvider> _written = [];
    private FirewallProvider? _named;
    private bool _legacy;

    /// <param name="adds">The rules that a plan adds.</param>
    /// <param name="owner">Who seems to own the filter.</param>
    /// <param name="named">Whether the admin has named the manager: then no other is taken.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="RehearsalException">Nothing can be tried here.</exception>
    public async Task<PlacementFinding> FindAsync(
        IReadOnlyList<FirewallRule> adds, FirewallOwner owner, bool named, CancellationToken cancellationToken)
    {
        _named = named ? owner.Provider : null;
        _legacy = (await host.Run(new ToolCall("iptables", ["-V"]), cancellationToken).ConfigureAwait(false))
            .Output.Contains("legacy", StringComparison.Ordinal);
        FilterRehearsal rehearsal = await WayRehearsal.OpenAsync(
            host, adds, cancellationToken, OwnRules.Without).ConfigureAwait(false);
        await using (rehearsal.ConfigureAwait(false))
        {
            string before = await rehearsal.DumpAsync(cancellationToken).ConfigureAwait(false);
            var written = new List<FirewallRule>();
            foreach (FirewallRule rule in adds)
            {
                if (await OpenAsync(rehearsal, rule, cancellationToken).ConfigureAwait(false))
                {
                    written.Add(rule);
                }
            }

            if (written.Count > 0)
            {
                await UndoAsync(rehearsal, written, before, cancellationToken).ConfigureAwait(false);
            }
        }

        FirewallProvider? main = _written.Count == 0 || (owner.Provider is { } seen && _written.Contains(seen))
            ? owner.Provider : _written[0];
        return Of(main is null || main == owner.Provider ? owner : Found(main.Value), adds, isMain: true) with
        {
            Beside = [.. _written.Where(other => other != main)
                .Select(other => Of(Found(other), adds, isMain: false))],
        };

        static FirewallOwner Found(FirewallProvider manager) => new(
            manager, $"A connection was tried on a copy of this host's filter: {manager} denies it.", true);
    }

    /// <summary>One manager's part: a rule that it need not have is called open for it.</summary>
    private PlacementFinding Of(FirewallOwner owner, IReadOnlyList<FirewallRule> adds, bool isMain)
    {
        var open = new Dictionary<string, string>(_open, StringComparer.Ordinal);
        foreach (FirewallRule rule in adds.Where(a => owner.Provider is { } manager && !Has(manager, a)))
        {
            if (!isMain || (!_hopeless.ContainsKey(rule.RuleId) && _written.Any(other => Has(other, rule))))
            {
                open.TryAdd(rule.RuleId, "another manager of this host has its rule.");
            }
        }

        return new PlacementFinding(
            owner.Provider != FirewallProvider.Nftables ? owner with { Places = _backends } : owner with
            {
                Nftables = (owner.Nftables ?? NftablesPlacement.Default) with { Tried = _chains },
            },
            open, _hopeless, _unproved);
    }

    private bool Has(FirewallProvider manager, FirewallRule rule) => manager == FirewallProvider.Nftables
        ? _chains.GetValueOrDefault(rule.RuleId) is { Count: > 0 }
        : _backends.Of(rule.RuleId, string.Empty).Count > 0;

    /// <summary>Opens one rule's way in the copy; whether that took a rule.</summary>
    private async Task<bool> OpenAsync(
        FilterRehearsal rehearsal, FirewallRule rule, CancellationToken cancellationToken)
    {
        var chains = new List<NftablesChain>();
        bool wrote = false;
        string why = string.Empty;
        RehearsalAnswer answer = await WayRehearsal.AskAsync(rehearsal, rule, cancellationToken).ConfigureAwait(false);
        for (int round = 0; round < Rounds && why.Length == 0 && Deciding(answer) is { } denying; round++)
        {
            why = await TryAsync(rehearsal, rule, answer, denying, chains, cancellationToken).ConfigureAwait(false);
            if (why.Length == 0)
            {
                wrote = true;
                answer = await WayRehearsal.AskAsync(rehearsal, rule, cancellationToken).ConfigureAwait(false);
            }
        }

        _chains[rule.RuleId] = chains;
        switch (answer.Verdict)
        {
            case RehearsalVerdict.Open:
                if (!wrote)
                {
                    _open[rule.RuleId] = answer.Reason;
                }

                break;
            case RehearsalVerdict.Unknown:
                _unproved[rule.RuleId] = answer.Reason;
                break;
            default:
                _hopeless[rule.RuleId] = $"{answer.Reason} {why}".Trim();
                break;
        }

        return wrote;
    }

    // Where a rule may let through or deny, a rule before that one makes it certain.
    private static FilterChain? Deciding(RehearsalAnswer answer) =>
        answer.DeniedBy ?? (answer.Verdict == RehearsalVerdict.Unknown ? answer.DependsOn : null);

    /// <summary>Sets the rule into the chain that denies; why it cannot, or an empty text.</summary>
    private async Task<string> TryAsync(
        FilterRehearsal rehearsal, FirewallRule rule, RehearsalAnswer answer, FilterChain denying,
        List<NftablesChain> chains, CancellationToken cancellationToken)
    {
        if (answer.OnlyAnswerDenied)
        {
            return "The connection itself passes; its answers have to be let through: ct state established.";
        }

        FirewallProvider manager = denying.Manager == "nft" ? FirewallProvider.Nftables : FirewallProvider.Iptables;
        if (_named is { } only && manager != only)
        {
            return $"Rules of this plan go to {only}, which was named, and {denying} denies as well: open that one by "
                + "hand, or name no provider.";
        }

        if (manager == FirewallProvider.Iptables)
        {
            string backend = denying.Manager == (_legacy ? "iptables-legacy" : "iptables-nft")
                ? RulePlaces.PlainBackend : denying.Manager;
            if (denying.Table != "filter" || denying.Name != IptablesWriter.Chain(rule)
                || _backends.Of(rule.RuleId, string.Empty).Contains(backend))
            {
                return $"It is denied by {denying}, which a rule of this product would not open. Open it by hand.";
            }

            string tools = denying.Manager;
            foreach (ToolCall call in new IptablesWriter().OpenCalls(rule, string.Empty))
            {
                ToolResult result = await rehearsal.RunAsync(
                    call with { Tool = call.Tool.Replace("tables", tools[2..], StringComparison.Ordinal) },
                    cancellationToken).ConfigureAwait(false);
                if (!result.Succeeded)
                {
                    return $"{call.Tool} says: {FirewallFaults.Said(result)}";
                }
            }

            // A second round would write the same rule again.
            _backends.Add(rule.RuleId, string.Empty, backend);
            Wrote(manager);
            return string.Empty;
        }

        var chain = new NftablesChain(denying.Family, denying.Table, denying.Name);
        if (chains.Contains(chain))
        {
            return $"A rule at the head of {chain} does not change that.";
        }

        ToolResult inserted = await rehearsal.RunAsync(
            new ToolCall("nft", ["-f", "-"], $"insert rule {chain} {NftablesWriter.Body(rule)}\n"), cancellationToken)
            .ConfigureAwait(false);
        if (!inserted.Succeeded)
        {
            return $"nft takes no rule into {chain}: {FirewallFaults.Said(inserted)}";
        }

        chains.Add(chain);
        Wrote(manager);
        return string.Empty;
    }

    private void Wrote(FirewallProvider manager)
    {
        if (!_written.Contains(manager))
        {
            _written.Add(manager);
        }
    }

    // The host's iptables may be of the older backend under the plain name.
    private ToolCall Inside(ToolCall call) => !_legacy || call.Tool.Contains("-legacy", StringComparison.Ordinal)
        || call.Tool.Contains("-nft", StringComparison.Ordinal) ? call : call with
        {
            Tool = call.Tool.Replace("tables", "tables-legacy", StringComparison.Ordinal),
        };

    /// <summary>Takes away what was set into the copy, as the host would: it has to be as it was.</summary>
    private async Task UndoAsync(
        FilterRehearsal rehearsal, List<FirewallRule> written, string before, CancellationToken cancellationToken)
    {
        var inside = new FirewallReader(host with
        {
            Run = (call, token) => rehearsal.RunAsync(Inside(call), token),
        });
        HashSet<string> ids = written.Select(static r => r.RuleId).ToHashSet(StringComparer.Ordinal);
        string why = string.Empty;
        try
        {
            foreach (FirewallProvider manager in _written)
            {
                IFirewallWriter writer = FirewallWriters.For(manager, places: _backends);
                IReadOnlyList<InstalledFirewallRule> there = await inside.ReadAsync(
                    manager, [.. written.Select(static r => r.LocalPort).Distinct()], cancellationToken)
                    .ConfigureAwait(false);
                foreach (ToolCall call in there.Where(r => r.RuleId is { } id && ids.Contains(id))
                    .SelectMany(writer.CloseCalls))
                {
                    await rehearsal.RunAsync(Inside(call), cancellationToken).ConfigureAwait(false);
                }
            }

            if (await rehearsal.DumpAsync(cancellationToken).ConfigureAwait(false) != before)
            {
                why = "Taking the rule away again would not give back the previous rules.";
            }
        }
        catch (ScanEngineException e)
        {
            why = $"What is written could not be read again: {e.Message}";
        }

        if (why.Length > 0)
        {
            written.ForEach(rule => _hopeless[rule.RuleId] = why);
        }
    }
}
