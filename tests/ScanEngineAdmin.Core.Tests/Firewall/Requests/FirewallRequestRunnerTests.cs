using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Firewall;

namespace ScanEngineAdmin.Core.Tests.Firewall.Requests;

/// <summary>What a request comes to, on either host and in either direction.</summary>
public sealed class FirewallRequestRunnerTests
{
    public static TheoryData<NodeRole, CommunicationDirection, bool, bool> Changes()
    {
        var all = new TheoryData<NodeRole, CommunicationDirection, bool, bool>();
        foreach (NodeRole role in Enum.GetValues<NodeRole>())
        {
            foreach (CommunicationDirection from in Enum.GetValues<CommunicationDirection>())
            {
                foreach (bool commit in (bool[])[true, false])
                {
                    all.Add(role, from, commit, true);
                    all.Add(role, from, commit, false);
                }
            }
        }

        return all;
    }

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task Open_lets_both_ways_through_and_close_exactly_what_is_in_force(
        NodeRole role, CommunicationDirection from, bool commit, bool deniesOutbound)
    {
        using var host = new ApplierFixture(role) { DeniesOutbound = deniesOutbound };
        Guid pairing = host.Pair(from);
        Guid change = host.Begin(pairing, Other(from));

        FirewallRequest opened = await host.DoAsync(pairing, change, FirewallAction.Open);

        Assert.True(opened.IsDone, opened.Detail);
        Assert.NotNull(opened.RollbackAt);
        Assert.Equal(await host.NeededAsync(), host.Filter());
        Assert.Equal(deniesOutbound ? 2 : 1, host.Filter().Length);
        host.Decide(change, commit);
        host.End(pairing, change, commit);

        FirewallRequest closed = await host.DoAsync(pairing, change, FirewallAction.Close);

        Assert.True(closed.IsDone, closed.Detail);
        Assert.Equal(await host.NeededAsync(), host.Filter());
        Assert.Empty(host.Waiting);
        Assert.Equal((null, FirewallAction.Close), (closed.RollbackAt, host.Store.GetFirewallRequest(change)!.Action));
    }

    [Theory]
    [InlineData(ApplierFixture.Standard)]
    [InlineData(ApplierFixture.Reverse)]
    public async Task What_could_not_be_tried_is_told_to_the_other_end(CommunicationDirection from)
    {
        using var host = new ApplierFixture(NodeRole.Engine) { DeniesOutbound = true };
        Guid pairing = host.Pair(from);

        FirewallRequest opened = await host.DoAsync(
            pairing, host.Begin(pairing, Other(from)), FirewallAction.Open);

        FirewallReport said = PreparedFirewall.Of(opened).ToReport();
        Assert.Equal(FirewallRequestState.Done, said.State);
        Assert.Contains("Whether it opens the way is not known", said.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ApplierFixture.Standard)]
    [InlineData(ApplierFixture.Reverse)]
    public async Task A_second_request_after_a_kill_changes_nothing_and_its_time_begins_anew(
        CommunicationDirection from)
    {
        using var host = new ApplierFixture(NodeRole.Console) { DeniesOutbound = true };
        Guid pairing = host.Pair(from);
        Guid change = host.Begin(pairing, Other(from));
        await host.DoAsync(pairing, change, FirewallAction.Open);
        string[] before = host.Filter();

        FirewallRequest again = await host.DoAsync(pairing, change, FirewallAction.Open);

        Assert.Equal((true, 2), (again.IsDone, again.Number));
        Assert.Equal(before, host.Filter());
        Assert.Single(host.Waiting);
    }

    [Fact]
    public async Task A_trial_whose_rules_were_never_written_is_written_by_the_next_try()
    {
        using var host = new ApplierFixture(NodeRole.Console);
        Guid pairing = host.Pair(ApplierFixture.Standard);
        Guid change = host.Begin(pairing, ApplierFixture.Reverse);
        host.First = static call => call is { Tool: "iptables" } && call.Arguments.Contains("-I")
            ? throw new OperationCanceledException("killed between arming the undo and writing")
            : null;
        await Assert.ThrowsAsync<OperationCanceledException>(
            () => host.DoAsync(pairing, change, FirewallAction.Open));
        Assert.Single(host.Waiting);
        host.First = static _ => null;

        FirewallRequest done = await host.DoAsync(pairing, change, FirewallAction.Open);

        Assert.True(done.IsDone, done.Detail);
        Assert.Equal(await host.NeededAsync(), host.Filter());
        Assert.Single(host.Waiting);
    }

    /// <summary>The next change is asked for before the applier has looked at the end of the one before.</summary>
    [Theory]
    [MemberData(nameof(Changes))]
    public async Task A_change_that_follows_at_once_opens_though_the_one_before_is_still_on_trial(
        NodeRole role, CommunicationDirection from, bool commit, bool deniesOutbound)
    {
        using var host = new ApplierFixture(role) { DeniesOutbound = deniesOutbound };
        Guid pairing = host.Pair(from);
        Guid first = host.Begin(pairing, Other(from));
        await host.DoAsync(pairing, first, FirewallAction.Open);
        host.Decide(first, commit);
        host.End(pairing, first, commit);
        Guid second = host.Begin(pairing, commit ? from : Other(from));

        FirewallRequest opened = await host.DoAsync(pairing, second, FirewallAction.Open);

        Assert.True(opened.IsDone, opened.Detail);
        Assert.True(host.Waiting.Length <= 1);
        await host.DoAsync(pairing, first, FirewallAction.Close);
        host.Decide(second, commit: true);
        host.End(pairing, second, commit: true);
        FirewallRequest closed = await host.DoAsync(pairing, second, FirewallAction.Close);
        Assert.True(closed.IsDone, closed.Detail);
        Assert.Equal(await host.NeededAsync(), host.Filter());
        Assert.Empty(host.Waiting);
    }

    [Fact]
    public async Task Once_decided_for_the_new_way_nothing_undoes_it_and_both_ways_stay_until_the_end()
    {
        using var host = new ApplierFixture(NodeRole.Console) { DeniesOutbound = true };
        Guid pairing = host.Pair(ApplierFixture.Standard);
        Guid change = host.Begin(pairing, ApplierFixture.Reverse);
        await host.DoAsync(pairing, change, FirewallAction.Open);
        host.Decide(change, commit: true);

        FirewallRequest kept = await host.DoAsync(pairing, change, FirewallAction.Open);

        Assert.True(kept is { IsDone: true, RollbackAt: null }, kept.Detail);
        Assert.Empty(host.Waiting);
        Assert.Equal(2, host.Filter().Length);
        Assert.Contains(kept.Rules, static rule => rule.Outcome == FirewallApplyOutcome.Applied);
    }

    [Fact]
    public async Task What_was_undone_while_the_outcome_was_on_its_way_is_brought_back_by_the_close()
    {
        using var host = new ApplierFixture(NodeRole.Engine);
        Guid pairing = host.Pair(ApplierFixture.Reverse);
        Guid change = host.Begin(pairing, ApplierFixture.Standard);
        await host.DoAsync(pairing, change, FirewallAction.Open);
        host.Rules.Clear();
        File.Delete(Assert.Single(host.Waiting));
        host.End(pairing, change, commit: true);

        FirewallRequest closed = await host.DoAsync(pairing, change, FirewallAction.Close);

        Assert.True(closed.IsDone, closed.Detail);
        Assert.Equal(await host.NeededAsync(), host.Filter());
        Assert.Single(host.Filter());
    }

    [Fact]
    public async Task Two_changes_at_once_leave_each_others_rules_alone()
    {
        using var host = new ApplierFixture(NodeRole.Console);
        Guid one = host.Pair(ApplierFixture.Standard);
        Guid other = host.Pair(ApplierFixture.Standard);
        Guid first = host.Begin(one, ApplierFixture.Reverse);
        Guid second = host.Begin(other, ApplierFixture.Reverse);
        await host.DoAsync(one, first, FirewallAction.Open);
        await host.DoAsync(other, second, FirewallAction.Open);
        host.Decide(first, commit: false);
        host.End(one, first, commit: false);

        await host.DoAsync(one, first, FirewallAction.Close);

        Assert.Contains("192.0.2.2 40815", Assert.Single(host.Filter()), StringComparison.Ordinal);
        Assert.Single(host.Waiting);
        Assert.Equal(await host.NeededAsync(), host.Filter());
    }

    [Theory]
    [InlineData(1, NodeRole.Console)]
    [InlineData(2, NodeRole.Engine)]
    [InlineData(3, NodeRole.Console)]
    [InlineData(4, NodeRole.Engine)]
    public async Task Any_sequence_of_changes_ends_in_exactly_what_the_directions_need(int seed, NodeRole role)
    {
        var random = new Random(seed);
        using var host = new ApplierFixture(role) { DeniesOutbound = seed > 2 };
        Guid[] pairings = [.. Enumerable.Range(0, 5).Select(
            _ => host.Pair(random.Next(2) == 0 ? ApplierFixture.Standard : ApplierFixture.Reverse))];
        var open = new Dictionary<Guid, Guid>();
        for (int step = 0; step < 60 || open.Count > 0; step++)
        {
            Guid pairing = pairings[random.Next(pairings.Length)];
            if (!open.TryGetValue(pairing, out Guid change))
            {
                if (step < 60)
                {
                    change = open[pairing] = host.Begin(pairing, Other(Direction(host, pairing)));
                    Assert.True((await host.DoAsync(pairing, change, FirewallAction.Open)).IsDone);
                }

                continue;
            }

            if (random.Next(3) == 0)
            {
                // It was killed, and asks again.
                Assert.True((await host.DoAsync(pairing, change, FirewallAction.Open)).IsDone);
            }

            bool commit = random.Next(2) == 0;
            host.Decide(change, commit);
            host.End(pairing, change, commit);
            open.Remove(pairing);
            Assert.True((await host.DoAsync(pairing, change, FirewallAction.Close)).IsDone);
            string[] needed = await host.NeededAsync();
            Assert.All(host.Filter(), rule => Assert.Contains(rule, needed));
        }

        foreach (Guid pairing in pairings)
        {
            // One that was never changed has its rules from its admin: a change that is rolled back brings them too.
            Guid change = host.Begin(pairing, Other(Direction(host, pairing)));
            host.Decide(change, commit: false);
            host.End(pairing, change, commit: false);
            await host.DoAsync(pairing, change, FirewallAction.Close);
        }

        Assert.Equal(await host.NeededAsync(), host.Filter());
        Assert.Empty(host.Waiting);
    }

    private static CommunicationDirection Direction(ApplierFixture host, Guid pairing) => host.Role == NodeRole.Console
        ? host.Host.Console.Store.GetEngine(pairing)!.Direction
        : host.Host.Engine.Store.GetConsole(pairing)!.Direction;

    private static CommunicationDirection Other(CommunicationDirection direction) =>
        direction == ApplierFixture.Standard ? ApplierFixture.Reverse : ApplierFixture.Standard;
}
