using System.Net;
using System.Net.Sockets;

namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <content>How what was seen becomes an answer.</content>
internal sealed partial class FilterRehearsal
{
    private async Task<RehearsalAnswer> JudgeAsync(
        RehearsalObservation seen, IPAddress peer, CancellationToken cancellationToken)
    {
        HostLink? link = _routes.GetValueOrDefault(peer)?.Link;
        string family = peer.AddressFamily == AddressFamily.InterNetwork ? "ip" : "ip6";
        RulesetListing listing = await ListingAsync(cancellationToken).ConfigureAwait(false);
        IReadOnlyList<SavedCount> counted = _counters is null
            ? []
            : [.. (await _counters.MovedAsync(cancellationToken).ConfigureAwait(false))
                .Where(c => c.Tables.Family == family)];
        FiredWitness[] fired = [
            .. seen.Steps.Select(s => (Step: s, Witness: Named(listing.Rule(s))))
                .Where(static f => f.Witness is not null)
                .Select(f => new FiredWitness(f.Witness!, seen.Steps.Any(s => s.Chain == f.Step.Chain
                    && s.Table == f.Step.Table && s.Family == f.Step.Family
                    && listing.Place(s) == listing.Place(f.Step) + 1))),
            .. counted.Select(c => (Count: c, Witness: Named(c.Line))).Where(static f => f.Witness is not null)
                .Select(f => new FiredWitness(f.Witness!, counted.Any(c => c.Tables == f.Count.Tables
                    && c.Table == f.Count.Table && c.Place == f.Count.Place + 1)))];
        return RehearsalJudge.Judge(
            seen, fired, listing, counted, _filter, [.. _filter.Beside, .. link is null ? [] : _beside[link]]);
    }

    private Witness? Named(string? rule) => rule is not null && Mark().Match(rule) is { Success: true } mark
        ? _witnesses.GetValueOrDefault(mark.Value)
        : null;
}
