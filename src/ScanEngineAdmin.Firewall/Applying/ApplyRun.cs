using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Firewall.Providers;
using ScanEngineAdmin.Firewall.Rehearsal;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Firewall.Tools;
using ScanEngineAdmin.Firewall.Trials;

namespace ScanEngineAdmin.Firewall.Applying;

/// <summary>One application while the lock is held: look, arm the undo, open, look, close, look.</summary>
internal sealed partial class ApplyRun(
    HostTools host, FirewallReader reader, FirewallRollback rollback, IFirewallWriter writer,
    FirewallPlan plan, FirewallRule[] half, int[] ports, string id, PlacementFinding? finding = null,
    IReadOnlyList<ApplyRun>? beside = null)
{
    // The first write and one more: another program that does not take our lock may have written in between.
    private const int Attempts = 2;

    private readonly FirewallRule[] _keeps = [.. half.Where(static r => r.Change == RuleChange.Keep)];
    private readonly FirewallRule[] _adds = [.. half.Where(static r => r.Change == RuleChange.Add)];
    private readonly FirewallRule[] _removes = [.. half.Where(static r => r.Change == RuleChange.Remove)];
    private readonly AddedRules? _added = writer.Provider == FirewallProvider.Firewalld
        ? new AddedRules(host.Folder)
        : null;

    private readonly NeededEffects? _needed = RuleMatch.ByEffect(writer.Provider)
        ? new NeededEffects(host.Folder)
        : null;

    private readonly List<string> _entries = [];
    private SharedTrialRules _shared = new([], [], new Dictionary<string, FirewallPending>());
    private HashSet<string> _idle = [];
    private HashSet<string> _renewed = [];
    private string _said = string.Empty;
    private IReadOnlyDictionary<string, RehearsalAnswer> _proof = new Dictionary<string, RehearsalAnswer>();

    private FirewallProvider Provider => writer.Provider;

    public async Task<(IReadOnlyList<FirewallApplyResult> Results, DateTimeOffset? RollbackAt)> GoAsync(
        string? whyNotClose, TimeSpan? rollbackAfter, CancellationToken cancellationToken)
    {
        IReadOnlyList<InstalledFirewallRule> before = await ReadAsync(cancellationToken).ConfigureAwait(false);
        Dictionary<string, FirewallPending> waiting = rollback.Pending()
            .SelectMany(static p => p.RuleIds.Select(r => (r, p)))
            .GroupBy(static x => x.r, static x => x.p).ToDictionary(static g => g.Key, static g => g.First());
        _added?.Forget(before, waiting.Keys);
        _needed?.Forget(before, ports, waiting.Keys);
        if (RuleMatch.ByEffect(Provider))
        {
            _shared = SharedTrialRules.Of(
                _adds.Where(r => !waiting.ContainsKey(r.RuleId)), id, rollback, r => UndoOpen(r, before));
            _shared.Others.ToList().ForEach(other => waiting[other.Key] = other.Value);
        }

        await LookBesideAsync(waiting, cancellationToken).ConfigureAwait(false);
        FirewallRule[] free = [.. _adds.Where(r => !waiting.ContainsKey(r.RuleId))];
        FirewallRule[] needed = [.. free.Where(r => !IsOpenWithout(r) || IsHalf(r, before))];
        HashSet<string> idle = _idle = _renewed.Count > 0 ? _renewed : await IdleAsync(
            [.. free.Where(r => !IsOpenedBeside(r) && (needed.Contains(r) ? Match(r, before).Missing is null
                : IsNeededBeside(r)))], cancellationToken).ConfigureAwait(false);
        RenewBeside();
        FirewallRule[] toOpen = [.. needed
            .Select(r => idle.Contains(r.RuleId) ? r : Match(r, before).Missing).OfType<FirewallRule>()];
        if (toOpen.Any(r => RuleMatch.OfOthers(r, before, Provider, finding?.Owner.Places) is not null))
        {
            return (Refused(toOpen, before), null);
        }

        if (toOpen.Any(r => finding?.Hopeless.ContainsKey(r.RuleId) == true))
        {
            return (Hopeless(toOpen), null);
        }

        InstalledFirewallRule[] toClose = [
            .. plan.DryRun ? [] : free.SelectMany(r => Stale(r, before)),
            .. _adds.Where(r => idle.Contains(r.RuleId) && !RuleMatch.ByEffect(Provider))
                .SelectMany(r => before.Where(b => b.RuleId == r.RuleId)),
            .. whyNotClose is not null ? [] : _removes.Where(r => !waiting.ContainsKey(r.RuleId))
                .SelectMany(r => RuleMatch.ToRemove(r, before, Provider, _keeps))];
        toClose = [.. toClose.Where(r => NeededBy(r) is null).Distinct()];

        DateTimeOffset? at = null;
        if (rollbackAfter is { } asked && (toOpen.Length > 0 || toClose.Length > 0 || _shared.Rules.Count > 0))
        {
            rollbackAfter = _shared.AtLeast(asked, host.Time.GetUtcNow());
            FirewallRule[] trial = [.. toOpen.Select(_shared.Rest).OfType<FirewallRule>(), .. _shared.Rules];
            at = await ArmAsync(trial, toClose, before, rollbackAfter.Value, cancellationToken).ConfigureAwait(false);
        }

        IReadOnlyList<InstalledFirewallRule> now = await OpenAsync(
            toOpen, before, at is null ? null : rollbackAfter, cancellationToken).ConfigureAwait(false);
        FirewallRule[] failed = [.. toOpen.Where(r => !IsOpen(r, now, at is not null))];
        if (failed.Length == 0)
        {
            try
            {
                (at, failed) = await OpenBesideAsync(at, rollbackAfter, cancellationToken).ConfigureAwait(false);
            }
            catch (ScanEngineException)
            {
                await UndoBesideAsync(CancellationToken.None).ConfigureAwait(false);
                await UndoAsync(toOpen, before, now, CancellationToken.None).ConfigureAwait(false);
                throw;
            }
        }

        toOpen = [.. toOpen, .. _adds.Where(r => IsOpenedBeside(r) && toOpen.All(o => o.RuleId != r.RuleId))];
        if (failed.Length == 0 && toOpen.Length > 0)
        {
            _proof = await ProveAsync(toOpen, cancellationToken).ConfigureAwait(false);
            failed = [.. toOpen.Where(r => _proof[r.RuleId].IsDenied)];
        }

        if (failed.Length > 0)
        {
            await UndoBesideAsync(cancellationToken).ConfigureAwait(false);
            await UndoAsync(toOpen, before, now, cancellationToken).ConfigureAwait(false);
            if (at is not null)
            {
                rollback.Forget(id);
            }

            // What was there already may have lost its effect, and only what was lacking is new: then all of it is.
            HashSet<string> there = [.. failed.Where(r => _renewed.Count == 0 && !idle.Contains(r.RuleId)
                && _proof.ContainsKey(r.RuleId) && IsThere(r, before)).Select(static r => r.RuleId)];
            if (there.Count > 0)
            {
                _proof = new Dictionary<string, RehearsalAnswer>();
                _renewed = [.. there, .. idle];
                return await GoAsync(whyNotClose, rollbackAfter, cancellationToken).ConfigureAwait(false);
            }

            return ([.. _adds.Select(r => Unsuccessful(r, toOpen, failed)),
                .. _removes.Select(r => Result(r, FirewallApplyOutcome.Deferred, "What had to open first failed."))],
                null);
        }

        rollback.Release(
            _shared.From, _shared.Rules.SelectMany(r => UndoOpen(r, before)), _shared.Rules.SelectMany(KeepCalls));
        now = await CloseAsync([.. toClose.Where(r => !IsRenewed(r))], now, cancellationToken).ConfigureAwait(false);
        await CloseBesideAsync(cancellationToken).ConfigureAwait(false);
        if (host.DataFolder is { } own)
        {
            _needed?.Note(own, _adds, whyNotClose is null ? _removes : []);
        }

        return ([
            .. _adds.Select(r => Opened(r, toOpen, now, waiting, at)),
            .. _removes.Select(r => Closed(r, toClose, now, waiting, whyNotClose))], at);
    }

    private async Task<IReadOnlyList<InstalledFirewallRule>> OpenAsync(
        FirewallRule[] toOpen, IReadOnlyList<InstalledFirewallRule> before, TimeSpan? trial,
        CancellationToken cancellationToken)
    {
        IReadOnlyList<InstalledFirewallRule> now = before;
        FirewallRule[] left = toOpen;
        for (int attempt = 0; attempt < Attempts && left.Length > 0; attempt++)
        {
            foreach (FirewallRule rule in left)
            {
                _entries.AddRange(_added?.Add(rule, finding?.Owner.Places) ?? []);
            }

            await RunAsync(left.SelectMany(r => OpenCalls(r, trial, now)), cancellationToken).ConfigureAwait(false);
            try
            {
                now = await ReadAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (ScanEngineException)
            {
                // What cannot be read again is not written again: it is taken back unseen, as far as that can be.
                await RunAsync(
                    toOpen.SelectMany(r => UndoOpen(r, before)).Where(static c => c.Tool != UndoScript.Untag),
                    CancellationToken.None).ConfigureAwait(false);
                throw;
            }

            left = [.. left.Where(r => !IsOpen(r, now, trial is not null))];
        }

        return now;
    }

    /// <summary>Which of the rules that are there do not open their way: something before or beside them
    /// denies.</summary>
    private async Task<HashSet<string>> IdleAsync(FirewallRule[] there, CancellationToken cancellationToken)
    {
        if (finding is null || there.Length == 0)
        {
            return [];
        }

        IReadOnlyDictionary<string, RehearsalAnswer> answers = await ProveAsync(there, cancellationToken)
            .ConfigureAwait(false);
        return answers.Where(static one => one.Value.IsDenied).Select(static one => one.Key)
            .ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>Asks the kernel again, with this host's rules as they are now; unknown where that cannot be.</summary>
    private async Task<IReadOnlyDictionary<string, RehearsalAnswer>> ProveAsync(
        FirewallRule[] rules, CancellationToken cancellationToken)
    {
        try
        {
            return await WayRehearsal.AskAllAsync(host, rules, cancellationToken).ConfigureAwait(false);
        }
        catch (RehearsalException e)
        {
            return rules.Select(static rule => rule.RuleId).Distinct().ToDictionary(
                static rule => rule, _ => RehearsalAnswer.Unknown(e.Message), StringComparer.Ordinal);
        }
    }

    private async Task<IReadOnlyList<InstalledFirewallRule>> CloseAsync(
        InstalledFirewallRule[] toClose, IReadOnlyList<InstalledFirewallRule> now, CancellationToken cancellationToken)
    {
        InstalledFirewallRule[] left = toClose;
        for (int attempt = 0; attempt < Attempts && left.Length > 0; attempt++)
        {
            await RunAsync(left.SelectMany(writer.CloseCalls), cancellationToken).ConfigureAwait(false);
            now = await ReadAsync(cancellationToken).ConfigureAwait(false);
            left = [.. left.Where(r => now.Any(n => Same(n, r)))];
        }

        foreach (InstalledFirewallRule gone in toClose.Except(left))
        {
            _added?.Remove(gone, now);
        }

        return now;
    }

    /// <summary>Takes back what is there of it: a host is opened for all of a plan or for none.</summary>
    private async Task UndoAsync(
        FirewallRule[] toOpen, IReadOnlyList<InstalledFirewallRule> before, IReadOnlyList<InstalledFirewallRule> now,
        CancellationToken cancellationToken)
    {
        HashSet<string> ids = toOpen.Select(static r => r.RuleId).ToHashSet(StringComparer.Ordinal);
        InstalledFirewallRule[] ours = [.. now.Where(
            n => n.RuleId is { } rule && ids.Contains(rule) && !before.Any(b => Same(b, n)) && !IsRenewed(n))];
        string said = _said;
        // The places of what is put back are those before: nothing new may be above them by then.
        await CloseAsync(ours, now, cancellationToken).ConfigureAwait(false);
        await RunAsync(PutBack(toOpen, before, now), cancellationToken).ConfigureAwait(false);
        _added?.TakeBack(_entries);
        _said = said;
    }

    private async Task<DateTimeOffset> ArmAsync(
        FirewallRule[] toOpen, InstalledFirewallRule[] toClose, IReadOnlyList<InstalledFirewallRule> before,
        TimeSpan after, CancellationToken cancellationToken)
    {
        var pending = new FirewallPending
        {
            Id = id,
            Provider = Provider,
            RollbackAt = host.Time.GetUtcNow() + after,
            RuleIds = [.. toOpen.Select(static r => r.RuleId)
                .Concat(toClose.Select(static r => r.RuleId!)).Distinct(StringComparer.Ordinal)],
            Keep = [.. toOpen.SelectMany(KeepCalls)],
        };
        ToolCall[] open = [.. ReopenSteps.Of(
            writer, toClose, closed => NewAbove(closed, toOpen, before), before, plan.EngineName)];
        ToolCall[] close = [.. toOpen.AsEnumerable().Reverse().SelectMany(r => UndoOpen(r, before))];
        // Open again before closing, as always. But nft's are closed by their tag, and what is opened again has it too.
        ToolCall[] undo = Provider == FirewallProvider.Nftables ? [.. close, .. open] : [.. open, .. close];
        await rollback.ArmAsync(pending, undo, after, cancellationToken).ConfigureAwait(false);
        return pending.RollbackAt;
    }

    private Task<IReadOnlyList<InstalledFirewallRule>> ReadAsync(CancellationToken cancellationToken) =>
        reader.ReadAsync(Provider, ports, cancellationToken);

    private RuleMatch Match(FirewallRule rule, IReadOnlyList<InstalledFirewallRule> installed) =>
        RuleMatch.Of(
            rule, installed, Provider,
            half.Where(h => h != rule && (h.Change == RuleChange.Add
                || (h.Change == RuleChange.Keep && RuleMatch.ByEffect(Provider)))),
            Chains(rule), finding?.Owner.Places);

    private string? NeededBy(InstalledFirewallRule rule) => _needed?.OfOthers(host.DataFolder, rule);

    private bool IsOpenWithout(FirewallRule rule) => finding?.Open.ContainsKey(rule.RuleId) == true;

    // What is in force and not kept opens the way, and does not after the next reload.
    private bool IsHalf(FirewallRule rule, IReadOnlyList<InstalledFirewallRule> installed) =>
        RuleMatch.ByEffect(Provider) && RuleMatch.Half(rule, installed).Count > 0;

    private IReadOnlyList<string>? Chains(FirewallRule rule) =>
        finding?.Owner.Nftables?.Tried.TryGetValue(rule.RuleId, out IReadOnlyList<NftablesChain>? chains) == true
        && chains.Count > 0 ? [.. chains.Select(static c => c.ToString())] : null;

    // The cmdlets change a rule where it is: there is no old one left to take away.
    private IReadOnlyList<InstalledFirewallRule> Stale(
        FirewallRule rule, IReadOnlyList<InstalledFirewallRule> installed) =>
        Provider == FirewallProvider.NetSecurity ? [] : Match(rule, installed).Stale;

    // What is on trial is not kept yet, and need not be.
    private bool IsOpen(FirewallRule rule, IReadOnlyList<InstalledFirewallRule> now, bool trial) =>
        Match(rule, trial ? [.. now.Select(static n => n with { Persistent = null })] : now).Missing is null;

    private static bool Same(InstalledFirewallRule one, InstalledFirewallRule other) =>
        one.RuleId == other.RuleId && one.Handle == other.Handle && one.Chain == other.Chain && one.Text == other.Text
        && one.Backend == other.Backend;
}
