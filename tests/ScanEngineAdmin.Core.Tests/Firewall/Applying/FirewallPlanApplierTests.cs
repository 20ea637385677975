using System.Runtime.Versioning;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Firewall.Applying;
using ScanEngineAdmin.Firewall.Providers;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Firewall.Tools;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Firewall.Applying;

/// <summary>What the applier decides, with an iptables that is a list in memory.</summary>
public sealed class FirewallPlanApplierTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sea-apply-").FullName;
    private readonly List<string> _rules = [];
    private readonly List<ToolCall> _writes = [];
    private Func<ToolCall, ToolResult?> _first = static _ => null;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_plan_of_an_older_epoch_is_refused_and_nothing_is_touched()
    {
        FirewallPlan plan = Wanted.Plan(RuleChange.Add, Wanted.Rule(40815, peers: "203.0.113.7"));

        ScanEngineException error = await Assert.ThrowsAsync<ScanEngineException>(
            () => ApplyAsync(plan, Wanted.PlanState(8, ChangeState.Committed, true)));

        Assert.Equal(FaultCode.PlanOutdated, error.Code);
        Assert.Contains("-WhatIf", error.Recommendation, StringComparison.Ordinal);
        Assert.Empty(_writes);
    }

    [Fact]
    public async Task A_plan_whose_change_was_rolled_back_is_refused() => Assert.Equal(
        FaultCode.PlanOutdated,
        (await Assert.ThrowsAsync<ScanEngineException>(() => ApplyAsync(
            Wanted.Plan(RuleChange.Add, Wanted.Rule(40815)), Wanted.PlanState(7, ChangeState.RolledBack, true)))).Code);

    [Theory]
    [InlineData(false, ChangeState.Committed, false)]
    [InlineData(false, ChangeState.Proving, true)]
    [InlineData(false, null, true)]
    [InlineData(true, ChangeState.Committed, true)]
    public async Task A_Remove_waits_for_a_commit_that_the_other_end_has_heard_of(
        bool dryRun, ChangeState? state, bool acknowledged)
    {
        FirewallRule rule = Wanted.Rule(40815, peers: "203.0.113.7");
        await ApplyAsync(Wanted.Plan(RuleChange.Add, rule), new FirewallApplyOptions());
        string[] before = [.. _rules];

        FirewallApplication done = await ApplyAsync(
            Wanted.Plan(RuleChange.Remove, rule) with { DryRun = dryRun }, Wanted.PlanState(6, state, acknowledged));

        Assert.Equal(FirewallApplyOutcome.Deferred, done.Results.Single().Outcome);
        Assert.Equal(before, _rules);
    }

    [Fact]
    public async Task A_dry_run_that_finds_a_rule_for_another_address_adds_and_takes_nothing_away()
    {
        FirewallRule rule = Wanted.Rule(40815, peers: "203.0.113.7");
        await ApplyAsync(Wanted.Plan(RuleChange.Add, rule), new FirewallApplyOptions());

        FirewallApplication done = await ApplyAsync(
            Wanted.Plan(RuleChange.Add, rule with { RemoteAddress = ["203.0.113.8"] }) with { DryRun = true },
            new FirewallApplyOptions());

        Assert.Equal(FirewallApplyOutcome.Applied, done.Results.Single().Outcome);
        Assert.Equal(2, _rules.Count);
        Assert.Contains("203.0.113.7", done.Results[0].Evidence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task If_one_rule_fails_the_others_are_taken_back_and_nothing_is_closed()
    {
        FirewallRule old = Wanted.Rule(40814, peers: "203.0.113.7");
        await ApplyAsync(Wanted.Plan(RuleChange.Add, old), new FirewallApplyOptions());
        string[] before = [.. _rules];
        FirewallRule good = Wanted.Rule(40815, peers: "203.0.113.7");
        FirewallRule bad = Wanted.Rule(40816, peers: "203.0.113.7");
        _first = call => call.Arguments.Contains("40816") && call.Arguments.Contains("-I")
            ? new ToolResult(true, 4, "iptables: Resource temporarily unavailable.")
            : null;
        FirewallPlan plan = Wanted.Plan(RuleChange.Add, good, bad);
        plan = plan with { Rules = [.. plan.Rules, old with { Change = RuleChange.Remove }] };

        FirewallApplication done = await ApplyAsync(plan, Wanted.Committed);

        Assert.Equal(
            [FirewallApplyOutcome.RolledBack, FirewallApplyOutcome.Failed, FirewallApplyOutcome.Deferred],
            done.Results.Select(static r => r.Outcome));
        Assert.Contains("temporarily unavailable", done.Results[1].Evidence, StringComparison.Ordinal);
        Assert.Equal(before, _rules);
        Assert.Equal(2, _writes.Count(static w => w.Arguments.Contains("40816")));
    }

    [Fact]
    public async Task A_write_that_another_program_has_undone_is_written_once_more()
    {
        bool lost = false;
        _first = call => !lost && call.Arguments.Contains("-I") && (lost = true)
            ? new ToolResult(true, 0, string.Empty)
            : null;

        FirewallApplication done = await ApplyAsync(
            Wanted.Plan(RuleChange.Add, Wanted.Rule(40815)), new FirewallApplyOptions());

        Assert.Equal(FirewallApplyOutcome.Applied, done.Results.Single().Outcome);
        Assert.Single(_rules);
    }

    [Fact]
    public async Task Without_the_right_to_look_it_says_so_and_what_to_do()
    {
        _first = static call => call.Tool == "iptables-save"
            ? new ToolResult(true, 4, "iptables-save: Could not fetch rule set: Permission denied")
            : null;

        ScanEngineException error = await Assert.ThrowsAsync<ScanEngineException>(() => ApplyAsync(
            Wanted.Plan(RuleChange.Add, Wanted.Rule(40815)), new FirewallApplyOptions()));

        Assert.Equal(FaultCode.FirewallAccessDenied, error.Code);
    }

    [Fact]
    public async Task A_provider_that_is_not_there_is_said_to_be_unavailable()
    {
        _first = static _ => ToolResult.Missing;

        ScanEngineException error = await Assert.ThrowsAsync<ScanEngineException>(() => ApplyAsync(
            Wanted.Plan(RuleChange.Add, Wanted.Rule(40815)), new FirewallApplyOptions()));

        Assert.Equal(FaultCode.ProviderUnavailable, error.Code);
    }

    [Fact]
    public async Task Two_sessions_do_not_write_at_the_same_time()
    {
        using FolderLock other = FolderLock.TryTake(_folder)!;

        ScanEngineException error = await Assert.ThrowsAsync<ScanEngineException>(() => ApplyAsync(
            Wanted.Plan(RuleChange.Add, Wanted.Rule(40815)),
            new FirewallApplyOptions { LockTimeout = TimeSpan.Zero }));

        Assert.Equal(FaultCode.FirewallBusy, error.Code);
        Assert.Empty(_writes);
    }

    [Fact]
    public async Task A_rule_that_cannot_be_written_stops_the_plan_before_anything_is_touched()
    {
        FirewallRule bad = Wanted.Rule(40816, peers: "203.0.113.7; reboot");

        await Assert.ThrowsAsync<ScanEngineException>(() => ApplyAsync(
            Wanted.Plan(RuleChange.Add, Wanted.Rule(40815), bad), new FirewallApplyOptions()));

        Assert.Empty(_writes);
    }

    [Fact]
    public async Task A_half_without_changes_asks_no_tool()
    {
        _first = static _ => throw new InvalidOperationException("no tool is needed");
        FirewallPlan plan = Wanted.Plan(RuleChange.Keep, Wanted.Rule(40815));

        FirewallApplication done = await ApplyAsync(plan, new FirewallApplyOptions());

        Assert.Empty(done.Results);
    }

    [Fact, NeedsLinux]
    [UnsupportedOSPlatform("windows")]
    public async Task A_folder_that_others_may_enter_is_refused()
    {
        File.SetUnixFileMode(_folder, File.GetUnixFileMode(_folder) | UnixFileMode.OtherWrite);

        ScanEngineException error = await Assert.ThrowsAsync<ScanEngineException>(() => ApplyAsync(
            Wanted.Plan(RuleChange.Add, Wanted.Rule(40815)), new FirewallApplyOptions()));

        Assert.Equal(FaultCode.FirewallAccessDenied, error.Code);
    }

    [Fact]
    public void Netsh_and_the_cmdlets_get_arguments_and_data_and_no_line()
    {
        FirewallRule rule = Wanted.Rule(40815, peers: ["203.0.113.7", "203.0.113.8"]);
        ToolCall netsh = Assert.Single(FirewallWriters.For(FirewallProvider.Netsh).OpenCalls(rule, "lab-2"));
        ToolCall cmdlets = Assert.Single(FirewallWriters.For(FirewallProvider.NetSecurity).OpenCalls(rule, "lab-2"));
        ToolCall others = Assert.Single(FirewallWriters.For(FirewallProvider.NetSecurity).OpenCalls(
            rule with { RemoteAddress = [] }, "lab-3"));

        Assert.Contains("remoteip=203.0.113.7,203.0.113.8", netsh.Arguments);
        Assert.Equal(cmdlets.Arguments, others.Arguments);
        Assert.Contains("\"RemoteAddress\":[\"203.0.113.7\",\"203.0.113.8\"]", cmdlets.Input, StringComparison.Ordinal);
    }

    private Task<FirewallApplication> ApplyAsync(FirewallPlan plan, FirewallApplyOptions options) =>
        new FirewallPlanApplier(new HostTools(
            (call, _) => Task.FromResult(Run(call)), false, _folder, TimeProvider.System)
        { IsThisKernel = false }).ApplyAsync(
            plan, NodeRole.Console, options with { Provider = FirewallProvider.Iptables }, CancellationToken.None);

    private ToolResult Run(ToolCall call)
    {
        if (!call.Tool.EndsWith("-save", StringComparison.Ordinal))
        {
            _writes.Add(call);
        }

        if (_first(call) is { } answer)
        {
            return answer;
        }

        string rest = string.Join(' ', call.Arguments.Skip(2));
        switch (call.Tool, call.Arguments.ElementAtOrDefault(1))
        {
            case ("iptables-save", _):
                return new ToolResult(true, 0, "*filter\n:INPUT DROP [0:0]\n"
                    + string.Concat(_rules.Select(static r => $"-A {r}\n")) + "COMMIT\n");
            case ("iptables", "-I"):
                _rules.Insert(0, rest);
                return new ToolResult(true, 0, string.Empty);
            case ("iptables", "-D"):
                return new ToolResult(true, _rules.Remove(rest) ? 0 : 1, string.Empty);
            default:
                return new ToolResult(true, 0, string.Empty);
        }
    }
}
