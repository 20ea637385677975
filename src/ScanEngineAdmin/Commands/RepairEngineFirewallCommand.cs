using System.Management.Automation;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Applier;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Firewall.Applying;
using ScanEngineAdmin.Firewall.Planning;
using ScanEngineAdmin.Firewall.Providers;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin.Commands;

/// <summary>
/// <para type="synopsis">Opens what this host's pairings need of its firewall, and closes what is this product's and not
/// needed any more.</para>
/// <para type="description">The other half of Compare-EngineFirewall: it opens first, reads again what it wrote, and
/// closes last. Rules of others are never touched; one that denies what is needed is an error. A second run changes
/// nothing and returns nothing. Rules that another data folder of this host needs are left alone; so is what a
/// data folder may need that cannot be read, with a warning. Known are the data folders that rules were applied for,
/// the machine-wide one and this user's own.</para>
/// </summary>
/// <example>
/// <code>Repair-EngineFirewall -WhatIf</code>
/// <para>What would be opened and closed.</para>
/// </example>
/// <example>
/// <code>Repair-EngineFirewall -Confirm:$false</code>
/// <para>Mends this host's drift without asking, as a scheduled task does.</para>
/// </example>
[Cmdlet(VerbsDiagnostic.Repair, "EngineFirewall", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(EngineFirewallResult))]
public sealed class RepairEngineFirewallCommand : ScanEngineCommand
{
    /// <summary>
    /// <para>The manager to use; without it the one that owns this host's filter. A rule of this product that
    /// nothing needs is taken away from any manager.</para>
    /// </summary>
    [Parameter]
    public FirewallProvider? Provider { get; set; }

    /// <summary>
    /// <para>Closes nothing.</para>
    /// </summary>
    [Parameter]
    public SwitchParameter KeepUnneeded { get; set; }

    private protected override void ProcessItem()
    {
        using var host = new FirewallHostData(Folder);
        FirewallHostDrift drift = Await((_, token) => host.DriftAsync(Provider, Folder.Root, token));
        if (drift.Owner.Provider is null)
        {
            WriteWarning($"There is no filter on this host to mend. {drift.Owner.Reason}");
            return;
        }

        foreach (FirewallPlan plan in Plans(host, drift))
        {
            NodeRole role = plan.Rules[0].HostRole;
            string text = FirewallPlanText.Render(plan);
            if (ShouldProcess(
                text,
                $"{text}{Environment.NewLine}Change this host's firewall so?",
                "Repair engine firewall",
                out ShouldProcessReason reason))
            {
                Try(() => Apply(host, plan, role, drift.OthersNeed), plan.EngineName);
            }
            else if (reason == ShouldProcessReason.WhatIf)
            {
                Await((_, token) => FirewallWhatIf.WarningsAsync(plan, role, Provider, Folder.Root, token))
                    .ToList().ForEach(WriteWarning);
            }
        }

        foreach (IGrouping<string, FirewallDriftRow> kept in drift.Rows
            .Where(row => !KeepUnneeded && row is { SideIndicator: "=>", KeptFor: not null })
            .GroupBy(static row => row.KeptFor!))
        {
            WriteWarning(
                $"Nothing in this data folder needs {string.Join(", ", kept.Select(static r => r.RuleId).Distinct())}. "
                + $"Left alone, because the data folder {kept.Key} of this host may, and cannot be read: run this as "
                + "a user who may read it, with its file system mounted, or delete the folder if it is of no use.");
        }

        foreach (FirewallDriftRow row in drift.Rows.Where(static row => row.SideIndicator == "!="))
        {
            Report(InTheWay(row), row.RuleId);
        }
    }

    /// <summary>One plan for each pairing that lacks a rule, and a last one that closes.</summary>
    private List<FirewallPlan> Plans(FirewallHostData host, FirewallHostDrift drift)
    {
        var names = drift.Pairings
            .SelectMany(p => FirewallHostData.RuleIds(p).Select(id => (id, p.Role, p.Pairing.Name)))
            .DistinctBy(static x => (x.id, x.Role)).ToLookup(static x => x.id, static x => x.Name);
        var plans = drift.Rows.Where(static row => row is { SideIndicator: "<=", Wanted: not null })
            .Select(static row => row.Wanted!)
            .GroupBy(rule => (rule.HostRole, Name: names[rule.RuleId].FirstOrDefault() ?? rule.Host))
            .Select(group => Plan(group.Key.Name, [.. group])).ToList();
        NodeRole[] roles = [.. host.Roles];
        FirewallRule[] unneeded = [.. drift.Rows
            .Where(row => !KeepUnneeded && row is { SideIndicator: "=>", KeptFor: null, Installed.RuleId: not null })
            .Select(row => row.Installed!).DistinctBy(static rule => rule.RuleId)
            .Select(rule => new FirewallRule
            {
                RuleId = rule.RuleId!,
                HostRole = roles.Length > 0 ? roles[0] : NodeRole.Console,
                Host = Environment.MachineName,
                Change = RuleChange.Remove,
                Flow = rule.Flow,
                LocalPort = rule.Port ?? 0,
                RemoteAddress = rule.RemoteAddress,
                AddressFamily = rule.Family ?? RuleFamily.IPv4,
                Reason = "No pairing of this host needs it any more.",
            })];
        if (unneeded.Length > 0)
        {
            plans.Add(Plan("(none)", unneeded));
        }

        return plans;
    }

    private static FirewallPlan Plan(string engine, FirewallRule[] rules) => new()
    {
        // Of no change of direction: what it closes is what no pairing needs, which is asked again under the lock.
        ChangeId = Guid.NewGuid(),
        EngineName = engine,
        From = CommunicationDirection.ConsoleToEngine,
        To = CommunicationDirection.ConsoleToEngine,
        Epoch = 0,
        DryRun = false,
        State = ChangeState.Committed,
        Rules = rules,
    };

    private void Apply(
        FirewallHostData host, FirewallPlan plan, NodeRole role, IReadOnlyList<FirewallRule> othersNeed)
    {
        HashSet<string> closing = plan.Rules.Where(static rule => rule.Change == RuleChange.Remove)
            .Select(static rule => rule.RuleId).ToHashSet(StringComparer.Ordinal);
        FirewallApplication application = Await(async (_, token) =>
        {
            IReadOnlyList<FirewallRule> needed = await NeededAsync(host, token).ConfigureAwait(false);
            var options = new FirewallApplyOptions
            {
                Provider = Provider,
                PlanState = async cancel =>
                {
                    IReadOnlyList<FirewallRule> now = await NeededAsync(host, cancel).ConfigureAwait(false);
                    return new FirewallPlanState(
                        0,
                        now.Any(rule => closing.Contains(rule.RuleId)) ? ChangeState.Requested : ChangeState.Committed,
                        Acknowledged: true);
                },
            };
            return await new FirewallPlanApplier(HostTools.OfThisHost(null, Folder.Root)).ApplyAsync(
                FirewallPairings.Guard(plan, [.. needed, .. othersNeed]), role, options, token).ConfigureAwait(false);
        });
        WriteVerbose(application.OwnerReason);
        foreach (FirewallApplyResult result in application.Results)
        {
            WriteObject(new EngineFirewallResult(plan.EngineName, application, result, Folder.Root));
            if (result.Outcome == FirewallApplyOutcome.Failed)
            {
                Report(Failed(result), result.RuleId);
            }
        }
    }

    private static async Task<IReadOnlyList<FirewallRule>> NeededAsync(FirewallHostData host, CancellationToken token) =>
        FirewallHostData.Needed(await host.PairingsAsync(token).ConfigureAwait(false), null, deniesOutbound: true);

    private static ScanEngineException Failed(FirewallApplyResult result) => new(
        FaultCode.FirewallRuleFailed,
        $"Rule {result.RuleId}, TCP {result.Rule.LocalPort}, could not be applied: {result.Evidence}",
        "See what is there with Get-EngineFirewallRule, and what is needed with Compare-EngineFirewall.",
        result.RuleId);

    private static ScanEngineException InTheWay(FirewallDriftRow row) => new(
        FaultCode.FirewallRuleFailed,
        $"A rule of others on this host stands in the way of rule {row.RuleId}: {row.Detail}",
        "That rule is its admin's: have it removed, or ours placed before it. Compare-EngineFirewall shows both.",
        row.RuleId);
}
