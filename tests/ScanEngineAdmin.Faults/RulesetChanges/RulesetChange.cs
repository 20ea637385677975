using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Applier;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Faults.Direction;
using ScanEngineAdmin.Faults.Lab;
using ScanEngineAdmin.Faults.Rulesets;
using ScanEngineAdmin.Firewall.Applying;
using ScanEngineAdmin.Firewall.Providers;
using ScanEngineAdmin.Firewall.Rehearsal;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Firewall.Tools;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Faults.RulesetChanges;

/// <summary>
/// A change of direction that both hosts' appliers follow, there and back, with a rule set as the filter of the host
/// that is dialled in the new direction: what the applier says is held against whether the two meet that way.
/// </summary>
internal sealed class RulesetChange(
    DirectionLab lab, NodeRole role, NetworkNamespace space, string state, Action<string> say)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(90);

    // Connections are known to the kernel before the filter comes: else one that is open would be new to it.
    private readonly FilterSpace _filter = new(space)
    {
        Base = "table inet track {\nchain track {\ntype filter hook input priority -10;\n"
            + "ct state established counter\n}\n}\n",
    };

    private CommunicationDirection From => role == NodeRole.Engine
        ? CommunicationDirection.EngineToConsole : CommunicationDirection.ConsoleToEngine;

    private CommunicationDirection To => role == NodeRole.Engine
        ? CommunicationDirection.ConsoleToEngine : CommunicationDirection.EngineToConsole;

    private HostTools Tools => new(
        (call, token) => call.Tool is "ufw" or "firewall-cmd" ? Task.FromResult(ToolResult.Missing)
            : _filter.RunAsync(call, token), false, state, TimeProvider.System)
    {
        NodeUser = SocketUser.OfThisProcess,
    };

    public async Task RunAsync(Ruleset ruleset, ChangeTally tally)
    {
        await _filter.ClearAsync();
        if (!await lab.InForceAsync(From))
        {
            throw new InvalidOperationException($"Before {ruleset.Name} the two are not in contact.\n{lab.Logs(40)}");
        }

        if (!await _filter.SetAsync(ruleset))
        {
            tally.Skipped++;
            return;
        }

        tally.Sets++;
        string raw = await _filter.DumpAsync();
        string? shut = await StandAsync(RuleChange.Add);
        if (shut is not null || !await lab.InForceAsync(From))
        {
            tally.Shut++;
            say($"SHUT {ruleset.Name}: {shut ?? "the way in force does not stay open"}");
            return;
        }

        string standing = await _filter.DumpAsync();
        bool changed = await ChangeAsync(ruleset, To, tally);
        if (changed && !await ChangeAsync(ruleset, From, tally))
        {
            tally.Wrong++;
            say($"NO WAY BACK {ruleset.Name}\n{lab.Logs(40)}");
            await _filter.ClearAsync();
            await ChangeAsync(ruleset, From, tally);
            return;
        }

        if (await UntilAsync(standing) is { } left)
        {
            say($"NOT UNDONE {ruleset.Name}: before:\n{standing}\nafter:\n{left}");
            return;
        }

        await StandAsync(RuleChange.Remove);
        if (await UntilAsync(raw) is { } rest)
        {
            say($"NOT UNDONE {ruleset.Name}: without the rules for the way in force before:\n{raw}\nafter:\n{rest}");
            return;
        }

        tally.Undone++;
    }

    /// <summary>Whether it went through; what is said of it is compared with that.</summary>
    private async Task<bool> ChangeAsync(Ruleset ruleset, CommunicationDirection to, ChangeTally tally)
    {
        lab.Ask(to, Timeout, applyFirewall: true);
        await Eventually.TrueAsync(
            () => lab.Change().State is ChangeState.Committed or ChangeState.RolledBack && lab.IsAgreed, Bound);
        ChangeRecord change = lab.Change();
        bool open = await lab.InForceAsync(change.State == ChangeState.Committed ? to : Other(to));
        bool through = change.State == ChangeState.Committed && open;
        bool said = role == NodeRole.Console
            ? change.Fault != FaultCode.FirewallRuleFailed
            : change.EngineFirewall?.State is null or FirewallRequestState.Done;
        string words = role == NodeRole.Console || change.EngineFirewall is null ? change.Detail
            : $"{change.EngineFirewall.State} {change.EngineFirewall.Detail} "
                + string.Join(' ', change.EngineFirewall.Rules.Select(static r => $"{r.Outcome} {r.Evidence}"));
        bool unknown = words.Contains("not known", StringComparison.Ordinal);
        bool wrong = (!through && said && !unknown) || (through && !said);
        if (to == To)
        {
            tally.Through += through ? 1 : 0;
            tally.Denied += !through && !said ? 1 : 0;
            tally.Unknown += !through && said && unknown ? 1 : 0;
            tally.Wrong += wrong ? 1 : 0;
        }

        say($"{(through ? "THROUGH" : "NOT THROUGH")} {ruleset.Name} {to}: {change.State} {change.Fault}: {words}");
        if (wrong)
        {
            say($"WRONG: {change.Detail}\n{lab.Logs(40)}");
        }

        return through;
    }

    /// <summary>What the direction in force needs, as an admin has it applied before; why that cannot be.</summary>
    private async Task<string?> StandAsync(RuleChange change)
    {
        HostTools tools = Tools;
        FirewallOwner owner = await tools.OwnerAsync(CancellationToken.None);
        if (owner.Provider is null)
        {
            return null;
        }

        IReadOnlyList<FirewallNeighbour> ways = role == NodeRole.Console
            ? await FirewallPairings.OfConsoleAsync(lab.Console.Store, CancellationToken.None)
            : await FirewallPairings.OfEngineAsync(lab.Engine.Store, CancellationToken.None);
        OutboundWay[] outbound = [.. ways.SelectMany(
            static w => w.Addresses.Select(a => new OutboundWay(PlainAddress.Of(a), w.Port)))];
        bool denies = change == RuleChange.Remove || await new FirewallReader(tools).DeniesOutboundAsync(
            owner, CancellationToken.None, outbound) is not false;
        FirewallRule[] rules = [.. RequestedPlan.Needed(role, ways, denies).Select(r => r with { Change = change })];
        if (rules.Length == 0)
        {
            return null;
        }

        try
        {
            FirewallApplication done = await new FirewallPlanApplier(tools).ApplyAsync(
                new FirewallPlan
                {
                    ChangeId = new Guid(7, 7, 7, [7, 7, 7, 7, 7, 7, 7, 7]),
                    EngineName = "lab-1",
                    From = To,
                    To = From,
                    Epoch = 1,
                    DryRun = false,
                    State = ChangeState.Committed,
                    Rules = rules,
                },
                role,
                new FirewallApplyOptions
                {
                    PlanState = static _ => Task.FromResult<FirewallPlanState?>(new(1, ChangeState.Committed, true)),
                },
                CancellationToken.None);
            return done.Results.FirstOrDefault(static r => r.Outcome == FirewallApplyOutcome.Failed
                || r.Evidence.Contains("not known", StringComparison.Ordinal))?.Evidence;
        }
        catch (ScanEngineException e)
        {
            return e.Message;
        }
    }

    /// <summary>Null once the filter is like that; else how it is instead.</summary>
    private async Task<string?> UntilAsync(string wanted)
    {
        bool same = await Eventually.TrueAsync(
            () => _filter.DumpAsync().Result == wanted, TimeSpan.FromSeconds(20), TimeSpan.FromMilliseconds(500));
        return same ? null : await _filter.DumpAsync();
    }

    private static CommunicationDirection Other(CommunicationDirection one) =>
        one == CommunicationDirection.ConsoleToEngine
            ? CommunicationDirection.EngineToConsole : CommunicationDirection.ConsoleToEngine;
}
