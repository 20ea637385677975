using ScanEngineAdmin.Core.Tests.EndToEnd;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Firewall.Applying;
using ScanEngineAdmin.Firewall.Providers.Nftables;
using ScanEngineAdmin.Firewall.Rules;
using ScanEngineAdmin.Firewall.Trials;

namespace ScanEngineAdmin.Core.Tests.Firewall.Applying;

/// <summary>What undoes itself, against real filters: also when the process that applied it is killed.</summary>
[Trait("Speed", "Slow")]
public sealed class RealRollbackTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(5);

    [Fact, NeedsFilter(FilterKind.Nftables)]
    public Task Nftables_undoes_what_nobody_confirms_and_keeps_what_is_confirmed() => UndoesAndKeeps(
        FilterKind.Nftables,
        "nft 'add rule inet filter output ct state established accept; chain inet filter output { policy drop; }'");

    [Fact, NeedsFilter(FilterKind.Iptables)]
    public Task Iptables_undoes_what_nobody_confirms_and_keeps_what_is_confirmed() => UndoesAndKeeps(
        FilterKind.Iptables,
        "iptables -A OUTPUT -m state --state ESTABLISHED -j ACCEPT; iptables -P OUTPUT DROP");

    [Fact, NeedsFilter(FilterKind.Ufw)]
    public Task Ufw_undoes_what_nobody_confirms_and_keeps_what_is_confirmed() => UndoesAndKeeps(
        FilterKind.Ufw, "ufw default deny outgoing");

    [Fact, NeedsFilter(FilterKind.Firewalld)]
    public Task Firewalld_undoes_what_nobody_confirms_and_keeps_what_is_confirmed() => UndoesAndKeeps(
        FilterKind.Firewalld, $"{RealEgressTests.DenyingPolicy}; {RealEgressTests.DenyingDirectly}");

    [Fact, NeedsFilter(FilterKind.Nftables)]
    public Task Nftables_brings_back_what_was_replaced() => BringsBack(FilterKind.Nftables);

    [Fact, NeedsFilter(FilterKind.Iptables)]
    public Task Iptables_brings_back_what_was_replaced() => BringsBack(FilterKind.Iptables);

    [Fact, NeedsFilter(FilterKind.Ufw)]
    public Task Ufw_brings_back_what_was_replaced() => BringsBack(FilterKind.Ufw);

    [Fact, NeedsFilter(FilterKind.Nftables)]
    public Task Nftables_brings_back_what_lost_its_neighbours() => BringsBackAlone(
        FilterKind.Nftables, "nft flush chain inet filter input");

    [Fact, NeedsFilter(FilterKind.Iptables)]
    public Task Iptables_brings_back_what_lost_its_neighbours() => BringsBackAlone(
        FilterKind.Iptables, "iptables -F INPUT");

    [Fact, NeedsFilter(FilterKind.Nftables)]
    public async Task What_a_killed_undo_left_is_undone_by_the_next_run()
    {
        using var host = new FilterHost(FilterKind.Nftables);
        string before = await host.DumpAsync();
        // As after a restart in between: the steps are there, and no process that waits.
        FirewallRule rule = Wanted.Rule(40815, peers: "203.0.113.7");
        FirewallApplication done = await new HeldUndo(host).ApplyAsync(Wanted.Plan(RuleChange.Add, rule));
        Assert.NotEqual(before, await host.DumpAsync());

        var time = new LeapTime();
        time.Pass(TimeSpan.FromMinutes(6));
        var later = host.HostTools with { Time = time };
        FirewallPending undone = Assert.Single(await new FirewallRollback(later).RecoverAsync(CancellationToken.None));

        Assert.Equal(done.Id, undone.Id);
        Assert.Equal(before, await host.DumpAsync());
        ScanEngineException late = await Assert.ThrowsAsync<ScanEngineException>(
            () => new FirewallPlanApplier(later).ConfirmAsync(done.Id, CancellationToken.None));
        Assert.Equal(FaultCode.ApplicationUndone, late.Code);
    }

    [Fact, NeedsFilter(FilterKind.Nftables)]
    public async Task What_waits_for_the_lock_to_be_undone_takes_nothing_away_that_is_written_meanwhile()
    {
        using var host = new FilterHost(FilterKind.Nftables);
        string before = await host.DumpAsync();
        FirewallRule rule = Wanted.Rule(40815, peers: "203.0.113.7");
        var undo = new HeldUndo(host);
        FirewallApplication trial = await undo.ApplyAsync(Wanted.Plan(RuleChange.Add, rule));
        using (FolderLock taken = FolderLock.TryTake(host.Folder)!)
        {
            Assert.NotNull(taken);
            await undo.LetGoAsync();
            await Until(() => Task.FromResult(Directory.GetFiles(host.Folder, "*.running").Length == 1));
            IReadOnlyList<FirewallPending> undone =
                await new FirewallRollback(host.HostTools).RecoverAsync(CancellationToken.None);
            Assert.Equal(trial.Id, Assert.Single(undone).Id);
            Assert.Equal(before, await host.DumpAsync());
            await host.ShellAsync(
                new NftablesWriter(new NftablesPlacement("inet", "filter", "input", "output")).Open(rule, "lab-2"));
        }

        await Until(() => Task.FromResult(!Directory.GetDirectories("/proc").Any(
            process => CommandLine(process).Contains(host.Folder, StringComparison.Ordinal))));
        Assert.Contains(FirewallRuleId.Tag(rule.RuleId), await host.DumpAsync(), StringComparison.Ordinal);
    }

    private static string CommandLine(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return string.Empty;
        }
    }

    private static async Task UndoesAndKeeps(FilterKind kind, string before = ":")
    {
        using var host = new FilterHost(kind);
        await host.ShellAsync(before);
        FirewallRule kept = Wanted.Rule(40815, peers: "203.0.113.7");
        FirewallRule keptOut = Wanted.Rule(40815, RuleFlow.Out, peers: "203.0.113.7");
        FirewallRule lost = Wanted.Rule(40816, peers: ["203.0.113.7", "203.0.113.8"]);
        FirewallRule lostOut = Wanted.Rule(40814, RuleFlow.Out, peers: "203.0.113.7");
        var applier = new FirewallPlanApplier(host.HostTools);
        var undo = new HeldUndo(host);
        FirewallApplication first = await undo.ApplyAsync(Wanted.Plan(RuleChange.Add, kept, keptOut));
        Assert.All(first.Results, r => Assert.True(FirewallApplyOutcome.Applied == r.Outcome, r.Evidence));
        Assert.NotNull(first.RollbackAt);
        Assert.Equal(first.Id, Assert.Single(await applier.PendingAsync(CancellationToken.None)).Id);
        Assert.Equal(
            [kept.RuleId, keptOut.RuleId], (await applier.ConfirmAsync(first.Id, CancellationToken.None)).RuleIds);
        ScanEngineException twice = await Assert.ThrowsAsync<ScanEngineException>(
            () => applier.ConfirmAsync(first.Id, CancellationToken.None));
        Assert.Equal(FaultCode.ApplicationNotFound, twice.Code);

        string confirmed = await host.DumpAsync();
        FirewallApplication second = await undo.ApplyAsync(Wanted.Plan(RuleChange.Add, lost, lostOut));
        Assert.All(second.Results, r => Assert.True(FirewallApplyOutcome.Applied == r.Outcome, r.Evidence));
        // firewalld is told the time of each rule that it can take away by itself.
        Assert.All(
            undo.Calls.Where(static c => !c.Arguments.Contains("--permanent") && c.Arguments.Any(
                static a => a.StartsWith("--add-rich-rule", StringComparison.Ordinal)
                    && a.Contains("40816", StringComparison.Ordinal))),
            static c => Assert.Contains("--timeout=300s", c.Arguments));
        await undo.LetGoAsync();
        await Until(async () => await host.DumpAsync() == confirmed);

        Assert.Equivalent(
            new[] { kept.RuleId, keptOut.RuleId },
            (await host.OursAsync(40814, 40815, 40816)).Select(static r => r.RuleId).Distinct(), strict: true);
        await Until(async () => (await applier.PendingAsync(CancellationToken.None)).Count == 0);
        FirewallApplication again = await host.ApplyAsync(
            Wanted.Plan(RuleChange.Add, kept, keptOut), new FirewallApplyOptions { Provider = host.Provider });
        Assert.All(again.Results, r => Assert.True(FirewallApplyOutcome.AlreadyPresent == r.Outcome, r.Evidence));
    }

    private static async Task BringsBack(FilterKind kind)
    {
        using var host = new FilterHost(kind);
        FirewallRule rule = Wanted.Rule(40815, peers: ["203.0.113.7", "203.0.113.8"]);
        FirewallRule other = Wanted.Rule(40816, peers: "203.0.113.7");
        await host.ApplyAsync(Wanted.Plan(RuleChange.Add, rule));
        await host.ShellAsync(AdminsDrop(kind));
        await host.ApplyAsync(Wanted.Plan(RuleChange.Add, other));
        string before = await host.DumpAsync();
        FirewallPlan plan = Wanted.Plan(RuleChange.Add, rule with { RemoteAddress = ["203.0.113.9", "203.0.113.10"] });

        // Its time may be over before this process comes on: it is undone by its own all the same.
        FirewallApplication moved = await host.ApplyAsync(
            plan with { Rules = [.. plan.Rules, other with { Change = RuleChange.Remove }] },
            Wanted.Committed with { RollbackAfter = TimeSpan.FromSeconds(1) });

        Assert.All(moved.Results, r => Assert.True(FirewallApplyOutcome.Applied == r.Outcome, r.Evidence));
        await Until(async () => await host.DumpAsync() == before);
    }

    private static async Task BringsBackAlone(FilterKind kind, string flush)
    {
        using var host = new FilterHost(kind);
        FirewallRule rule = Wanted.Rule(40815, peers: "203.0.113.7");
        await host.ApplyAsync(Wanted.Plan(RuleChange.Add, rule));
        await host.ShellAsync(AdminsDrop(kind));
        var undo = new HeldUndo(host);
        await undo.ApplyAsync(Wanted.Plan(RuleChange.Add, rule with { RemoteAddress = ["203.0.113.9"] }));
        await host.ShellAsync(flush);

        await undo.LetGoAsync();
        await undo.OverAsync();

        Assert.Equal(["203.0.113.7"], Assert.Single(await host.OursAsync(40815)).RemoteAddress);
    }

    // Before ours: it is to be asked first, also after an undo. ufw has its rules in the order of their making.
    private static string AdminsDrop(FilterKind kind) => kind switch
    {
        FilterKind.Nftables => "nft insert rule inet filter input tcp dport 40815 drop",
        FilterKind.Iptables => "iptables -I INPUT -p tcp --dport 40815 -j DROP",
        _ => ":",
    };

    // What is waited for happens in another process that tells nobody: it is looked at again and again, in bounds.
    private static async Task Until(Func<Task<bool>> condition)
    {
        using var bound = new CancellationTokenSource(Bound);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (!await condition())
        {
            Assert.True(await timer.WaitForNextTickAsync(bound.Token));
        }
    }
}
