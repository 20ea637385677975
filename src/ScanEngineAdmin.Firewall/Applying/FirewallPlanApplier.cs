using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Firewall.Providers;
using ScanEngineAdmin.Firewall.Rehearsal;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Firewall.Trials;

namespace ScanEngineAdmin.Firewall.Applying;

/// <summary>
/// Applies one host's half of a plan to this host, through the manager that owns its filter. It opens first, closes
/// last and only what nothing uses any more, reads again what it wrote, and can undo itself. A second run changes
/// nothing.
/// </summary>
internal sealed class FirewallPlanApplier
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);
    private readonly HostTools _host;
    private readonly FirewallReader _reader;
    private readonly FirewallRollback _rollback;

    /// <param name="folder">Where it keeps its lock and what it did: root's alone. Null for the system's own.</param>
    public FirewallPlanApplier(string? folder = null)
        : this(HostTools.OfThisHost(folder))
    {
    }

    internal FirewallPlanApplier(HostTools host)
    {
        _host = host;
        _reader = new FirewallReader(host);
        _rollback = new FirewallRollback(host);
    }

    /// <param name="plan">The plan; only its rules and never its commands are used.</param>
    /// <param name="role">Which of the plan's two hosts this one is.</param>
    /// <param name="options">How.</param>
    /// <param name="cancellationToken">Ends it; what was written until then stays, and a second run goes on.</param>
    /// <exception cref="ScanEngineException">
    /// PlanOutdated, FirewallAccessDenied, ProviderUnavailable, FirewallBusy, OptionInvalid.
    /// </exception>
    public async Task<FirewallApplication> ApplyAsync(
        FirewallPlan plan, NodeRole role, FirewallApplyOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(options);
        CheckTime(options.RollbackAfter);
        FirewallRule[] half = [.. plan.Rules.Where(r => r.HostRole == role)];
        string id = options.Id ?? Guid.NewGuid().ToString("N");
        if (half.All(static r => r.Change == RuleChange.Keep))
        {
            // No filter has to be there, and no right to look at one.
            CheckPlanState(plan, await PlanStateAsync(options, cancellationToken).ConfigureAwait(false));
            return new FirewallApplication
            {
                Id = id,
                Provider = options.Provider,
                OwnerReason = "The plan changes nothing on this host.",
                Results = [],
            };
        }

        FirewallOwner owner = options.Owner ?? (options.Provider is { } named
            ? await _host.NamedAsync(named, cancellationToken).ConfigureAwait(false)
            : await _host.OwnerAsync(cancellationToken).ConfigureAwait(false));
        FirewallRule[] adds = [.. half.Where(static r => r.Change == RuleChange.Add)];
        PlacementFinding? finding = await FindAsync(owner, options, adds, cancellationToken).ConfigureAwait(false);
        owner = finding?.Owner ?? owner;
        bool unfiltered = owner is { Provider: null, Known: true } && adds.Length == 0;
        FirewallProvider provider = unfiltered ? FirewallProvider.Nftables
            : owner.Provider ?? throw FirewallFaults.NoOwner(owner);
        IFirewallWriter writer = FirewallWriters.For(
            provider, options.Nftables ?? owner.Nftables, owner.Policies, owner.Places);
        foreach (FirewallRule rule in half)
        {
            // Before anything is touched: one rule that cannot be written stops all.
            _ = writer.OpenCalls(rule, plan.EngineName);
        }

        using FolderLock taken = await StateFiles.LockAsync(
            _host.Folder, options.LockTimeout, _host.Time, cancellationToken).ConfigureAwait(false);
        await _rollback.RecoverAsync(cancellationToken).ConfigureAwait(false);
        FirewallPlanState? state = await PlanStateAsync(options, cancellationToken).ConfigureAwait(false);
        CheckPlanState(plan, state);
        int[] ports = [.. half.Select(static r => r.LocalPort).Distinct()];
        ApplyRun[] beside = [.. (finding?.Beside ?? []).Select(part => new ApplyRun(
            _host, _reader, _rollback,
            FirewallWriters.For(part.Owner.Provider!.Value, part.Owner.Nftables, places: part.Owner.Places), plan, adds,
            ports, id, part))];
        var run = new ApplyRun(_host, _reader, _rollback, writer, plan, half, ports, id, finding, beside);
        (IReadOnlyList<FirewallApplyResult> results, DateTimeOffset? rollbackAt) = unfiltered
            ? (Absent(half, owner), null)
            : await run.GoAsync(WhyNotClose(plan, state), options.RollbackAfter, cancellationToken)
                .ConfigureAwait(false);
        results = await CloseElsewhereAsync(
            plan, results, unfiltered ? null : provider, ports, id,
            options.RollbackAfter is null ? WhyNotClose(plan, state)
                : "Another manager has it, whose rules are not taken away on trial: apply the plan without one.",
            cancellationToken).ConfigureAwait(false);

        if (_host.DataFolder is { } dataFolder)
        {
            new KnownDataFolders(_host.Folder).Add(dataFolder);
        }

        return new FirewallApplication
        {
            Id = id,
            Provider = unfiltered ? null : provider,
            OwnerReason = owner.Reason,
            Results = results,
            RollbackAt = rollbackAt,
        };
    }

    /// <summary>
    /// Why rules of a plan would not be written, by their ids, as far as can be said on a copy of this host's filter;
    /// nothing is changed.
    /// </summary>
    public async Task<IReadOnlyDictionary<string, string>> WhyNotAsync(
        FirewallPlan plan, NodeRole role, FirewallProvider? named, CancellationToken cancellationToken)
    {
        FirewallOwner owner = named is { } provider
            ? await _host.NamedAsync(provider, cancellationToken).ConfigureAwait(false)
            : await _host.OwnerAsync(cancellationToken).ConfigureAwait(false);
        PlacementFinding? finding = await FindAsync(
            owner, new FirewallApplyOptions { Provider = named },
            [.. plan.Rules.Where(r => r.HostRole == role && r.Change == RuleChange.Add)], cancellationToken)
            .ConfigureAwait(false);
        return finding?.Hopeless ?? new Dictionary<string, string>();
    }

    // Rules of this product may be there all the same, in a manager that has nothing that denies.
    private static FirewallApplyResult[] Absent(FirewallRule[] half, FirewallOwner owner) => [
        .. half.Where(static r => r.Change == RuleChange.Remove).Select(rule => new FirewallApplyResult
        {
            Rule = rule,
            Provider = FirewallProvider.Nftables,
            Outcome = FirewallApplyOutcome.AlreadyAbsent,
            Evidence = $"No rule of this product to take away. {owner.Reason}",
        })];

    /// <summary>Takes away what another manager than the owner of the filter has.</summary>
    private async Task<IReadOnlyList<FirewallApplyResult>> CloseElsewhereAsync(
        FirewallPlan plan, IReadOnlyList<FirewallApplyResult> results, FirewallProvider? owner, int[] ports, string id,
        string? whyNotClose, CancellationToken cancellationToken)
    {
        FirewallRule[] gone = [.. results.Where(static r => r.Rule.Change == RuleChange.Remove && r.Outcome
            is FirewallApplyOutcome.AlreadyAbsent or FirewallApplyOutcome.Applied).Select(static r => r.Rule)];
        if (gone.Length == 0)
        {
            return results;
        }

        foreach (IGrouping<FirewallProvider, InstalledFirewallRule> there in (await _reader.OursElsewhereAsync(
            owner, ports, cancellationToken).ConfigureAwait(false)).GroupBy(static rule => rule.Provider))
        {
            FirewallRule[] kept = [.. plan.Rules.Where(static r => r.Change == RuleChange.Keep)];
            FirewallRule[] here = [.. gone.Where(
                rule => RuleMatch.ToRemove(rule, [.. there], there.Key, kept).Count > 0)];
            if (here.Length == 0)
            {
                continue;
            }

            var run = new ApplyRun(
                _host, _reader, _rollback, FirewallWriters.For(there.Key), plan, [.. here, .. kept], ports, id);
            (IReadOnlyList<FirewallApplyResult> closed, _) = await run.GoAsync(
                whyNotClose, rollbackAfter: null, cancellationToken).ConfigureAwait(false);
            results = [.. results.Select(
                r => closed.FirstOrDefault(c => ReferenceEquals(c.Rule, r.Rule)) is not { } also ? r
                    : r.Outcome == FirewallApplyOutcome.AlreadyAbsent || also.Outcome == FirewallApplyOutcome.Failed
                        ? also
                        : r with { Evidence = $"{r.Evidence} {also.Provider}: {also.Evidence}" })];
        }

        return results;
    }

    /// <summary>Makes an application stay that would be undone by itself.</summary>
    /// <exception cref="ScanEngineException">ApplicationNotFound, ApplicationUndone, FirewallBusy.</exception>
    public async Task<FirewallPending> ConfirmAsync(string applicationId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(applicationId);
        using FolderLock taken = await LockAsync(cancellationToken).ConfigureAwait(false);
        return await _rollback.ConfirmAsync(applicationId, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The applications that are undone by themselves unless they are confirmed, the next one first.</summary>
    public async Task<IReadOnlyList<FirewallPending>> PendingAsync(CancellationToken cancellationToken)
    {
        using FolderLock taken = await LockAsync(cancellationToken).ConfigureAwait(false);
        return _rollback.Pending();
    }

    /// <summary>Undoes an application now that waits to be confirmed; nothing if it does not.</summary>
    internal async Task UndoAsync(string applicationId, CancellationToken cancellationToken)
    {
        using FolderLock taken = await LockAsync(cancellationToken).ConfigureAwait(false);
        await _rollback.UndoAsync(applicationId, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Whether an application no longer waits to be confirmed, nor is being undone.</summary>
    internal bool IsOver(string applicationId) => _rollback.IsOver(applicationId);

    /// <summary>
    /// Tries on a copy of this host's filter whether rules are needed, where they have to go and what they open; null
    /// where that cannot be tried.
    /// </summary>
    private async Task<PlacementFinding?> FindAsync(
        FirewallOwner owner, FirewallApplyOptions options, FirewallRule[] adds, CancellationToken cancellationToken)
    {
        if (_host.Windows || !_host.IsThisKernel || adds.Length == 0 || options.Nftables is not null
            || owner is { Provider: null, Known: false })
        {
            return null;
        }

        try
        {
            return await (owner.Provider switch
            {
                FirewallProvider.Ufw => new UfwSearch(_host).FindAsync(adds, owner, cancellationToken),
                FirewallProvider.Firewalld => new FirewalldSearch(_host).FindAsync(adds, owner, cancellationToken),
                _ => new PlacementSearch(_host)
                    .FindAsync(adds, owner, options.Provider is not null, cancellationToken),
            }).ConfigureAwait(false);
        }
        catch (RehearsalException)
        {
            // The rules are written where they most likely belong; that it was not tried is said of each.
            return null;
        }
    }

    private Task<FolderLock> LockAsync(CancellationToken cancellationToken) => StateFiles.LockAsync(
        _host.Folder, new FirewallApplyOptions().LockTimeout, _host.Time, cancellationToken);

    private static async Task<FirewallPlanState?> PlanStateAsync(
        FirewallApplyOptions options, CancellationToken cancellationToken) =>
        options.PlanState is null ? null : await options.PlanState(cancellationToken).ConfigureAwait(false);

    private static void CheckPlanState(FirewallPlan plan, FirewallPlanState? state)
    {
        bool undone = state?.State == ChangeState.RolledBack && !plan.DryRun;
        if (state is not null && (plan.Epoch < state.Epoch || undone))
        {
            throw FirewallFaults.Outdated(plan, state);
        }
    }

    /// <summary>Null when the way that a Remove closes is used by nobody any more.</summary>
    private static string? WhyNotClose(FirewallPlan plan, FirewallPlanState? state) =>
        plan.DryRun ? "This plan is a dry run: it never closes anything."
        : plan.ChangeId == Guid.Empty ? WhyNotMoved(plan, state)
        : state is null ? "No store was asked whether the change is committed."
        : state.State != ChangeState.Committed
            ? $"The change is not committed: {state.State?.ToString() ?? "it is not known here"}."
        : !state.Acknowledged ? "The change is committed, but the other end has not acknowledged it."
        : null;

    /// <summary>Null when what a plan without a change closes is not what the host's node is dialled at.</summary>
    private static string? WhyNotMoved(FirewallPlan plan, FirewallPlanState? state) =>
        plan.From != plan.To || plan.State != ChangeState.Committed ? "This plan belongs to no change."
        : state?.Port is not { } port ? "No store was asked which port is in force, or it does not say."
        : plan.Rules.Any(r => r.Change == RuleChange.Remove && r.LocalPort == port)
            ? FormattableString.Invariant($"TCP {port} is still the port in force.")
        : null;

    private static void CheckTime(TimeSpan? after)
    {
        if (after is { } time && (time < Shortest || time > Longest))
        {
            throw new ScanEngineException(
                FaultCode.OptionInvalid,
                "The time until a rollback has to be between a second and a day.",
                "Name one that is longer than the change may take: -RollbackAfter 00:05:00",
                "RollbackAfter");
        }
    }
}
