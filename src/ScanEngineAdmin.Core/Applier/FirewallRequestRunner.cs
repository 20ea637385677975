using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Firewall.Applying;
using ScanEngineAdmin.Firewall.Providers;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Firewall.Tools;
using ScanEngineAdmin.Firewall.Trials;

namespace ScanEngineAdmin.Core.Applier;

/// <summary>
/// Carries out one request. What is read from the node's store is a claim: it decides nothing beyond
/// <see cref="FirewallLimits"/>. Doing a request again changes nothing, so a killed applier simply begins again.
/// </summary>
internal sealed class FirewallRequestRunner(NodeRole role, FirewallApplierOptions options)
{
    private static readonly FirewallPlanState InForce = new(0, ChangeState.Committed, true);

    private readonly HostTools _host = options.Tools;
    private readonly int[] _ports = options.AllowedPorts;

    /// <exception cref="ScanEngineException">
    /// The limits' codes, ChangeNotFound, and those of <see cref="FirewallPlanApplier"/>.
    /// </exception>
    public async Task<FirewallRequest> DoAsync(
        INodeStore store, FirewallRequest request, CancellationToken cancellationToken)
    {
        if (request.Action == FirewallAction.Look)
        {
            return await LookAsync(store, request, cancellationToken).ConfigureAwait(false);
        }

        PairingWays ways = await PairingWays.OfAsync(store, request.PairingId, cancellationToken).ConfigureAwait(false);
        bool open = request.Action == FirewallAction.Open;
        if (open && ways.Open != request.ChangeId)
        {
            throw new ScanEngineException(
                FaultCode.ChangeNotFound,
                $"No change {request.ChangeId:D} of a paired engine is under way in this store: nothing is opened.",
                "Nothing is to be done: what the direction in force needs stays open.",
                $"{request.ChangeId:D}");
        }

        var reader = new FirewallReader(_host);
        FirewallOwner owner = options.Provider is { } named
            ? await _host.NamedAsync(named, cancellationToken).ConfigureAwait(false)
            : await _host.OwnerAsync(cancellationToken).ConfigureAwait(false);
        if (owner is { Provider: null, Known: true })
        {
            return Done(request, [], null, $"Nothing had to be done: {owner.Reason}");
        }

        FirewallProvider provider = owner.Provider ?? throw FirewallFaults.NoOwner(owner);
        bool trial = open && !ways.Committed;
        var applier = new FirewallPlanApplier(_host);

        // Where it cannot be found out a rule for the way out does no harm, and its lack may.
        bool deniesOutbound = await reader.DeniesOutboundAsync(
            owner, cancellationToken,
            [.. ways.Ways.Where(w => FirewallNeed.Acceptor(w.Direction) != role)
                .SelectMany(static w => w.Addresses.Select(a => new OutboundWay(PlainAddress.Of(a), w.Port)))])
            .ConfigureAwait(false) is not false;
        FirewallLimits.Check(ways, deniesOutbound, _ports, role, options.AllowFrom);
        await SettleAsync(store, applier, request, trial, cancellationToken).ConfigureAwait(false);
        IReadOnlyList<InstalledFirewallRule> installed = await reader.ReadAsync(provider, _ports, cancellationToken)
            .ConfigureAwait(false);
        IReadOnlyList<InstalledFirewallRule> elsewhere = open ? []
            : await reader.OursElsewhereAsync(provider, _ports, cancellationToken).ConfigureAwait(false);
        FirewallPlan plan = RequestedPlan.Make(
            role, request, ways, _ports, deniesOutbound, [.. installed, .. elsewhere]);
        if (RuleMatch.ByEffect(provider) || elsewhere.Any(static rule => RuleMatch.ByEffect(rule.Provider)))
        {
            IReadOnlyList<FirewallNeighbour> everyone = await EveryoneAsync(store, cancellationToken)
                .ConfigureAwait(false);
            if (plan.Rules.Any(static rule => rule.Change == RuleChange.Remove)
                && everyone.Any(way => FirewallNeed.Acceptor(way.Direction) == role))
            {
                // Another pairing's rule could not be told from one that nobody needs.
                _ = PairingWays.ListenPort(store, role);
            }

            plan = FirewallPairings.Guard(plan, RequestedPlan.Needed(role, everyone, deniesOutbound: true));
        }

        FirewallApplication application = await applier.ApplyAsync(
            plan,
            role,
            new FirewallApplyOptions
            {
                Owner = owner,
                Provider = options.Provider,
                PlanState = _ => Task.FromResult<FirewallPlanState?>(InForce),
                RollbackAfter = trial ? FirewallLimits.Lifetime(request.Lifetime) : null,
                Id = $"{Prefix(role, request)}{Guid.NewGuid():N}",
            },
            cancellationToken).ConfigureAwait(false);
        return Answer(request, application, provider);
    }

    /// <summary>Looks at the pairing's own ways and at nothing else; it is never tried again by itself.</summary>
    private async Task<FirewallRequest> LookAsync(
        INodeStore store, FirewallRequest request, CancellationToken cancellationToken)
    {
        var rules = new List<FirewallRequestRule>();
        string detail = "Looked at, and nothing was changed.";
        try
        {
            PairingWays ways = await PairingWays.OfAsync(store, request.PairingId, cancellationToken)
                .ConfigureAwait(false);
            FirewallLimits.Check(ways, deniesOutbound: true, _ports, role, options.AllowFrom);
            var probe = new LocalRuleProbe(
                (tool, arguments, token) => _host.Run(new ToolCall(tool, arguments), token), _host.Windows,
                _host.NodeUser);
            foreach (FirewallNeed need in ways.Ways.SelectMany(
                way => FirewallNeed.At(role, way.Direction, way.Port, way.Addresses, way.AllowFrom)))
            {
                rules.Add(await LookAsync(probe, request.PairingId, need, cancellationToken).ConfigureAwait(false));
            }
        }
        catch (ScanEngineException exception)
        {
            detail = exception.Message;
        }

        return Done(request, rules, null, detail);
    }

    private async Task<FirewallRequestRule> LookAsync(
        LocalRuleProbe probe, Guid pairingId, FirewallNeed need, CancellationToken cancellationToken)
    {
        (FirewallTestOutcome Result, string Evidence, string Recommendation)? worst = null;
        string?[] peers = need.Peers.Count == 0 ? [null] : [.. need.Peers];
        foreach (string? peer in peers)
        {
            (FirewallTestOutcome Result, string Evidence, string Recommendation) seen = await probe
                .LookAsync(
                    need.Flow, need.Port, cancellationToken, peer is null ? null : PeerAddresses.Sample(peer), peer)
                .ConfigureAwait(false);
            worst = worst is not { } before || Weight(seen.Result) > Weight(before.Result) ? seen : before;
        }

        return new FirewallRequestRule
        {
            RuleId = FirewallRuleId.For(role, pairingId, need.Flow, need.Port, need.Family),
            Change = RuleChange.Keep,
            Outcome = worst?.Result switch
            {
                FirewallTestOutcome.Passed => FirewallApplyOutcome.AlreadyPresent,
                FirewallTestOutcome.Failed => FirewallApplyOutcome.Failed,
                _ => FirewallApplyOutcome.Deferred,
            },
            Evidence = worst?.Evidence ?? string.Empty,
        };

        static int Weight(FirewallTestOutcome result) => result switch
        {
            FirewallTestOutcome.Failed => 2,
            FirewallTestOutcome.Passed => 0,
            _ => 1,
        };
    }

    /// <summary>
    /// What an earlier try, or an earlier request for this change, left waiting to be undone: before another trial it
    /// is undone, so that its time begins again; otherwise it stays. What an earlier change of this pairing left stays as
    /// well: a pairing has one change at a time, so that one is decided, and what is not needed goes when it is closed.
    /// </summary>
    private async Task SettleAsync(
        INodeStore store, FirewallPlanApplier applier, FirewallRequest request, bool trial,
        CancellationToken cancellationToken)
    {
        string prefix = Prefix(role, request);
        IReadOnlyList<FirewallPending> waiting = await applier.PendingAsync(cancellationToken).ConfigureAwait(false);
        if (trial)
        {
            // Its own of an earlier try gives its place to this one.
            FirewallLimits.Check(waiting.Count(
                pending => pending.Id.StartsWith(Prefix(role), StringComparison.Ordinal)
                    && !pending.Id.StartsWith(prefix, StringComparison.Ordinal)));
        }

        foreach (FirewallPending pending in waiting)
        {
            bool own = pending.Id.StartsWith(prefix, StringComparison.Ordinal);
            if (!own && !IsOfEarlierChange(store, pending, request))
            {
                continue;
            }

            if (trial && own)
            {
                await applier.UndoAsync(pending.Id, cancellationToken).ConfigureAwait(false);
                continue;
            }

            try
            {
                await applier.ConfirmAsync(pending.Id, cancellationToken).ConfigureAwait(false);
            }
            catch (ScanEngineException exception) when (exception.Code
                is FaultCode.ApplicationUndone or FaultCode.ApplicationNotFound)
            {
                // Its time passed just now: the rules that are needed are written again below.
            }
        }
    }

    private bool IsOfEarlierChange(INodeStore store, FirewallPending pending, FirewallRequest request)
    {
        string prefix = Prefix(role);
        return pending.Id.StartsWith(prefix, StringComparison.Ordinal)
            && Guid.TryParseExact(pending.Id[prefix.Length..].Split('-')[0], "N", out Guid change)
            && store.GetFirewallRequest(change)?.PairingId == request.PairingId;
    }

    private static async Task<IReadOnlyList<FirewallNeighbour>> EveryoneAsync(
        INodeStore store, CancellationToken cancellationToken) => store switch
        {
            IConsoleStore console => await FirewallPairings.OfConsoleAsync(console, cancellationToken)
                .ConfigureAwait(false),
            IEngineStore engine => await FirewallPairings.OfEngineAsync(engine, cancellationToken)
                .ConfigureAwait(false),
            _ => [],
        };

    // An application that an admin made by hand has no such id, and is never touched.
    private static string Prefix(NodeRole role, FirewallRequest request) =>
        $"{Prefix(role)}{request.ChangeId:N}-";

    private static string Prefix(NodeRole role) => $"{FirewallRollback.OfChange}{FirewallLimits.Word(role)}-";

    private static FirewallRequest Answer(
        FirewallRequest request, FirewallApplication application, FirewallProvider provider)
    {
        FirewallRequestRule[] rules = [.. application.Results.Select(result => new FirewallRequestRule
        {
            RuleId = result.RuleId,
            Change = result.Rule.Change,
            Outcome = result.Outcome == FirewallApplyOutcome.AlreadyPresent && request.Rules.Any(before =>
                before.RuleId == result.RuleId && before.Outcome == FirewallApplyOutcome.Applied
                && before.Change == RuleChange.Add)
                ? FirewallApplyOutcome.Applied
                : result.Outcome,
            Evidence = result.Evidence,
        })];
        string said = string.Join(' ', application.Results
            .Where(static r => r.Outcome is FirewallApplyOutcome.Failed || Waits(r) || r.Unproved is not null)
            .Select(static r => $"{r.RuleId}: {r.Unproved ?? r.Evidence}"));
        if (application.Results.Any(static r => r.Outcome == FirewallApplyOutcome.Failed))
        {
            return Done(request, rules, null, said) with
            {
                State = FirewallRequestState.Failed,
                Fault = FaultCode.FirewallRuleFailed,
                Recommendation = "See what is there with Get-EngineFirewallRule, "
                    + "and what is needed with Compare-EngineFirewall.",
            };
        }

        bool deferred = application.Results.Any(Waits);
        string detail = deferred ? said : $"Through {provider}. {said}".TrimEnd();
        return Done(request, rules, application.RollbackAt, detail) with
        {
            State = deferred ? FirewallRequestState.Deferred : FirewallRequestState.Done,
        };
    }

    // A rule that another application may undo in its time is there now, and not to be relied on.
    private static bool Waits(FirewallApplyResult result) =>
        result.Outcome == FirewallApplyOutcome.Deferred || result.WaitsFor is not null;

    private static FirewallRequest Done(
        FirewallRequest request, IReadOnlyList<FirewallRequestRule> rules, DateTimeOffset? rollbackAt, string detail) =>
        request with
        {
            State = FirewallRequestState.Done,
            Fault = null,
            Detail = detail,
            Recommendation = string.Empty,
            RollbackAt = rollbackAt,
            Rules = rules,
        };
}
