using Newtonsoft.Json.Linq;
using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <summary>Loads a host's filter into an empty namespace, each table by the tool that owns it.</summary>
/// <param name="space">Where to.</param>
/// <param name="filter">What.</param>
/// <param name="order">The tables to be loaded after the others, in this order.</param>
/// <param name="uncertainty">What a copy cannot know when it is asked.</param>
internal sealed class FilterLoader(
    RehearsalSpace space, HostFilter filter, IReadOnlyList<string> order, Uncertainty uncertainty)
{
    private readonly Dictionary<string, Witness> _witnesses = new(StringComparer.Ordinal);

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

        string own = RehearsalTables.Text(links.Select(static l => l.Name));
        if (order.Count == 0)
        {
            await LoadNativeAsync(own + filter.Native, cancellationToken).ConfigureAwait(false);
            await CompareAsync(cancellationToken).ConfigureAwait(false);
            foreach (SavedTables saved in filter.Saved)
            {
                await LoadSavedAsync(saved, Watched(saved, watched), cancellationToken).ConfigureAwait(false);
            }
        }
        else
        {
            await LoadInOrderAsync(own, watched, cancellationToken).ConfigureAwait(false);
            await CompareAsync(cancellationToken).ConfigureAwait(false);
        }

        if (watched && uncertainty.MayBeIn(filter.Native))
        {
            await WitnessAsync(cancellationToken).ConfigureAwait(false);
        }

        return _witnesses;
    }

    private async Task LoadInOrderAsync(string own, bool watched, CancellationToken cancellationToken)
    {
        FilterTable[] native = [.. FilterTable.Native(filter.Native)];
        (SavedTables From, FilterTable[] Tables)[] saved = [.. filter.Saved.Select(
            s => (s, FilterTable.Saved(s.Manager, s.Family, Watched(s, watched)).ToArray()))];
        await LoadNativeAsync(own + Text(native, IsFree), cancellationToken).ConfigureAwait(false);
        await LoadSavedAsync(IsFree).ConfigureAwait(false);
        foreach (string unit in order)
        {
            await LoadNativeAsync(Text(native, t => t.Unit == unit), cancellationToken).ConfigureAwait(false);
            await LoadSavedAsync(t => t.Unit == unit).ConfigureAwait(false);
        }

        bool IsFree(FilterTable table) => !order.Contains(table.Unit);

        async Task LoadSavedAsync(Func<FilterTable, bool> which)
        {
            foreach ((SavedTables from, FilterTable[] tables) in saved)
            {
                await this.LoadSavedAsync(from, Text(tables, which), cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private static string Text(IEnumerable<FilterTable> tables, Func<FilterTable, bool> which) =>
        string.Concat(tables.Where(which).Select(static t => t.Text));

    private Task LoadNativeAsync(string text, CancellationToken cancellationToken) => text.Length == 0
        ? Task.CompletedTask : space.MustAsync(new ToolCall("nft", ["-f", "-"], text), cancellationToken);

    private Task LoadSavedAsync(SavedTables from, string text, CancellationToken cancellationToken) => text.Length == 0
        ? Task.CompletedTask
        : space.MustAsync(new ToolCall(from.Tool + "-restore", [], text), cancellationToken);

    /// <exception cref="RehearsalException">nft has left something out of its listing.</exception>
    private async Task CompareAsync(CancellationToken cancellationToken)
    {
        if (filter.Selectors.Count > 0 && RuleSelectors.Lost(
            filter.Selectors,
            RuleSelectors.Read(
                await space.RunAsync(RuleSelectors.Call, cancellationToken).ConfigureAwait(false), filter.Native))
            is { } lost)
        {
            throw new RehearsalException(
                $"nft does not list a rule of this host as the kernel has it, so it cannot be copied: chain {lost}.");
        }
    }

    private string Watched(SavedTables saved, bool watched)
    {
        if (!watched)
        {
            return saved.Text;
        }

        (string text, IReadOnlyList<Witness> witnesses) = SavedWitnesses.Add(saved, uncertainty, _witnesses.Count);
        foreach (Witness witness in witnesses)
        {
            _witnesses[witness.Mark] = witness;
        }

        return text;
    }

    private async Task WitnessAsync(CancellationToken cancellationToken)
    {
        string listing = await space.MustAsync(
            new ToolCall("nft", ["-j", "-a", "list", "ruleset"]), cancellationToken).ConfigureAwait(false);
        RulesetListing rules = await RulesetListing.OfAsync(space, cancellationToken).ConfigureAwait(false);
        IReadOnlyList<(Witness Witness, JObject Statement, JObject Bare)> found =
            NativeWitnesses.Of(listing, uncertainty, _witnesses.Count);
        foreach ((Witness witness, JObject statement, JObject bare) in found)
        {
            JToken rule = statement["insert"]!["rule"]!;
            var step = new TraceStep(
                rule.Value<string>("family")!, rule.Value<string>("table")!, rule.Value<string>("chain")!,
                rule.Value<long>("handle"), TraceVerdict.Continue, 0);
            _witnesses[witness.Mark] = witness with { Rule = rules.Rule(step) ?? step.Chain };

            // Where nft does not take back what it lists, the witness has no conditions: then it counts more, not less.
            ToolResult set = await SetAsync(statement, cancellationToken).ConfigureAwait(false);
            if (!set.Succeeded && !(await SetAsync(bare, cancellationToken).ConfigureAwait(false)).Succeeded)
            {
                throw new RehearsalException(
                    $"A rule whose effect changes with time could not be watched: {_witnesses[witness.Mark].Rule}.");
            }
        }
    }

    private Task<ToolResult> SetAsync(JObject statement, CancellationToken cancellationToken) => space.RunAsync(
        new ToolCall("nft", ["-j", "-f", "-"], new JObject { ["nftables"] = new JArray(statement) }.ToString()),
        cancellationToken);
}
