using Newtonsoft.Json.Linq;
using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <content>How the copy is made.</content>
internal sealed partial class FilterRehearsal
{
    private async Task LoadAsync(
        IReadOnlyList<HostLink> links, bool watched, CancellationToken cancellationToken)
    {
        if (_filter.Sets.Length > 0)
        {
            await _space.MustAsync(new ToolCall("ipset", ["restore"], _filter.Sets), cancellationToken)
                .ConfigureAwait(false);
        }

        await _space.MustAsync(
            new ToolCall("nft", ["-f", "-"], RehearsalTables.Text(links.Select(static l => l.Name)) + _filter.Native),
            cancellationToken).ConfigureAwait(false);
        var uncertainty = new Uncertainty(_macUnknown, _user is null);
        foreach (SavedTables saved in _filter.Saved)
        {
            (string text, IReadOnlyList<Witness> witnesses) = watched
                ? SavedWitnesses.Add(saved, uncertainty, _witnesses.Count)
                : (saved.Text, []);
            await _space.MustAsync(new ToolCall(saved.Tool + "-restore", [], text), cancellationToken)
                .ConfigureAwait(false);
            foreach (Witness witness in witnesses)
            {
                _witnesses[witness.Mark] = witness;
            }
        }

        if (watched && uncertainty.MayBeIn(_filter.Native))
        {
            await WitnessAsync(uncertainty, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task WitnessAsync(Uncertainty uncertainty, CancellationToken cancellationToken)
    {
        string listing = await _space.MustAsync(
            new ToolCall("nft", ["-j", "-a", "list", "ruleset"]), cancellationToken).ConfigureAwait(false);
        RulesetListing rules = await ListingAsync(cancellationToken).ConfigureAwait(false);
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

        _listing = null;
    }

    private Task<ToolResult> SetAsync(JObject statement, CancellationToken cancellationToken) => _space.RunAsync(
        new ToolCall("nft", ["-j", "-f", "-"], new JObject { ["nftables"] = new JArray(statement) }.ToString()),
        cancellationToken);

    private async Task ReadyAsync(CancellationToken cancellationToken)
    {
        if (_counters is null && _filter.Saved.Count > 0)
        {
            _counters = new SavedCounters(_space, _filter.Saved);
            _ = await _counters.MovedAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<RulesetListing> ListingAsync(CancellationToken cancellationToken) =>
        _listing ??= new RulesetListing(await _space.MustAsync(
            new ToolCall("nft", ["-a", "-t", "list", "ruleset"]), cancellationToken).ConfigureAwait(false));
}
