using System.Text.RegularExpressions;
using Newtonsoft.Json.Linq;
using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <summary>Loads a host's filter into an empty namespace, each table by the tool that owns it.</summary>
/// <param name="space">Where to.</param>
/// <param name="filter">What.</param>
/// <param name="order">What to register before all other chains, in this order.</param>
/// <param name="uncertainty">What a copy cannot know when it is asked.</param>
internal sealed partial class FilterLoader(
    RehearsalSpace space, HostFilter filter, IReadOnlyList<HookEntry> order, Uncertainty uncertainty)
{
    private readonly Dictionary<string, Witness> _witnesses = new(StringComparer.Ordinal);
    private readonly Lazy<IReadOnlyList<FilterTable>> _tables = new(() => FilterTable.Of(filter));

    /// <param name="links">The devices that packets come by.</param>
    /// <param name="watched">Whether rules whose effect changes get a witness.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The witnesses by their marks.</returns>
    /// <exception cref="RehearsalException">It cannot be loaded whole.</exception>
    public async Task<IReadOnlyDictionary<string, Witness>> LoadAsync(
        IReadOnlyList<HostLink> links, bool watched, CancellationToken cancellationToken)
    {
        if (filter.Sets.Length > 0)
        {
            await space.MustAsync(new ToolCall("ipset", ["restore"], filter.Sets), cancellationToken)
                .ConfigureAwait(false);
        }

        // Chains that are there stay in their order when their rules come.
        string native = RehearsalTables.Text(links.Select(static l => l.Name));
        foreach (HookEntry entry in order)
        {
            native += entry.Native;

            // In one go nft may send the rules after all chains, and with the first rule the tracking begins.
            if (entry.Calls.Count > 0 || entry == HookEntry.Tracking)
            {
                await LoadNativeAsync(native, cancellationToken).ConfigureAwait(false);
                native = string.Empty;
            }

            foreach (ToolCall call in entry.Calls)
            {
                await space.MustAsync(call, cancellationToken).ConfigureAwait(false);
            }
        }

        // A rule that ends the trace would blind the copy; whether it is traced decides of no packet.
        await LoadNativeAsync(native + Tracing().Replace(filter.Native, "counter"), cancellationToken)
            .ConfigureAwait(false);
        foreach (SavedTables saved in filter.Saved)
        {
            await space.MustAsync(
                new ToolCall(saved.Tool + "-restore", ["--noflush", "-w"], Watched(saved, watched)), cancellationToken)
                .ConfigureAwait(false);
        }

        await CompareAsync(cancellationToken).ConfigureAwait(false);
        if (watched && uncertainty.MayBeIn(filter.Native))
        {
            await WitnessAsync(cancellationToken).ConfigureAwait(false);
        }

        return _witnesses;
    }

    private Task LoadNativeAsync(string text, CancellationToken cancellationToken) => text.Length == 0
        ? Task.CompletedTask : space.MustAsync(new ToolCall("nft", ["-f", "-"], text), cancellationToken);

    /// <exception cref="RehearsalException">nft or iptables has left something out of its listing.</exception>
    private async Task CompareAsync(CancellationToken cancellationToken)
    {
        if (filter.Selectors.Count > 0 && RuleSelectors.Lost(
            filter.Selectors,
            RuleSelectors.Read(
                await space.RunAsync(RuleSelectors.Call, cancellationToken).ConfigureAwait(false), filter.Native,
                filter.Saved))
            is { } lost)
        {
            throw new RehearsalException(
                $"A rule of this host is not listed as the kernel has it, so it cannot be copied: chain {lost}.");
        }
    }

    private string Watched(SavedTables saved, bool watched)
    {
        if (!watched)
        {
            return saved.Text;
        }

        (string text, IReadOnlyList<Witness> witnesses) = SavedWitnesses.Add(
            saved, filter, uncertainty, _witnesses.Count);
        foreach (Witness witness in witnesses)
        {
            Keep(witness);
        }

        return text;
    }

    private void Keep(Witness witness) => _witnesses[witness.Mark] = witness with
    {
        SkipsOnlyDecisions = _tables.Value.Where(t => t.Name == witness.Table).ToArray() is { Length: > 0 } own
            && own.All(static t => t.OnlyDecides),
    };

    private async Task WitnessAsync(CancellationToken cancellationToken)
    {
        string listing = await space.MustAsync(
            new ToolCall("nft", ["-j", "-a", "list", "ruleset"]), cancellationToken).ConfigureAwait(false);
        RulesetListing rules = await RulesetListing.OfAsync(space, cancellationToken).ConfigureAwait(false);
        IReadOnlyList<(Witness Witness, JObject Statement, JObject Bare)> found =
            NativeWitnesses.Of(listing, uncertainty, _witnesses.Count);
        foreach ((Witness witness, JObject statement, _) in found)
        {
            JToken rule = statement["insert"]!["rule"]!;
            var step = new TraceStep(
                rule.Value<string>("family")!, rule.Value<string>("table")!, rule.Value<string>("chain")!,
                rule.Value<long>("handle"), TraceVerdict.Continue, 0);
            Keep(witness with { Rule = rules.Rule(step) ?? step.Chain, Table = $"{step.Family} {step.Table}" });
        }

        if (found.Count == 0 || (await SetAsync(found.Select(static f => f.Statement), cancellationToken)
            .ConfigureAwait(false)).Succeeded)
        {
            return;
        }

        // Where nft does not take back what it lists, a witness has no conditions: then it counts more, not less.
        foreach ((Witness witness, JObject statement, JObject bare) in found)
        {
            if (!(await SetAsync([statement], cancellationToken).ConfigureAwait(false)).Succeeded
                && !(await SetAsync([bare], cancellationToken).ConfigureAwait(false)).Succeeded)
            {
                throw new RehearsalException(
                    $"A rule whose effect changes with time could not be watched: {_witnesses[witness.Mark].Rule}.");
            }
        }
    }

    private Task<ToolResult> SetAsync(IEnumerable<JObject> statements, CancellationToken cancellationToken) => space.RunAsync(
        new ToolCall("nft", ["-j", "-f", "-"], new JObject { ["nftables"] = new JArray(statements) }.ToString()),
        cancellationToken);

    [GeneratedRegex(@"\bmeta nftrace set \d+")]
    private static partial Regex Tracing();
}
