using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Tests.Firewall.Applying;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Core.Tests.Firewall.Requests;

/// <summary>
/// Two engines behind one address, whose rules some managers cannot tell apart, against real filters.
/// </summary>
[Trait("Speed", "Slow")]
public sealed class RealApplierServiceTests
{
    private const string Shared = "203.0.113.7";

    [Fact, NeedsFilter(FilterKind.Nftables)]
    public Task Nftables_keeps_what_the_other_engine_needs() => KeepsAsync(FilterKind.Nftables);

    [Fact, NeedsFilter(FilterKind.Iptables)]
    public Task Iptables_keeps_what_the_other_engine_needs() => KeepsAsync(FilterKind.Iptables);

    [Fact, NeedsFilter(FilterKind.Ufw)]
    public Task Ufw_keeps_what_the_other_engine_needs() => KeepsAsync(FilterKind.Ufw);

    [Fact, NeedsFilter(FilterKind.Firewalld)]
    public Task Firewalld_keeps_what_the_other_engine_needs() => KeepsAsync(FilterKind.Firewalld);

    [Fact, NeedsFilter(FilterKind.Nftables)]
    public Task Nftables_keeps_what_was_committed_when_the_others_trial_ends() => OutlivesAsync(FilterKind.Nftables);

    [Fact, NeedsFilter(FilterKind.Ufw)]
    public Task Ufw_keeps_what_was_committed_when_the_others_trial_ends() => OutlivesAsync(FilterKind.Ufw);

    [Fact, NeedsFilter(FilterKind.Firewalld)]
    public Task Firewalld_keeps_what_was_committed_when_the_others_trial_ends() => OutlivesAsync(FilterKind.Firewalld);

    // The applier dies after the second is committed, and the first one's time is over: nobody asks anything more.
    private static async Task OutlivesAsync(FilterKind kind)
    {
        using var filter = new FilterHost(kind);
        var undo = new HeldUndo(filter);
        using var host = new ApplierFixture(NodeRole.Console, undo.HostTools);
        Guid one = host.Pair(ApplierFixture.Standard, Shared);
        Guid other = host.Pair(ApplierFixture.Standard, Shared);
        Guid first = host.Begin(one, ApplierFixture.Reverse);
        Guid second = host.Begin(other, ApplierFixture.Reverse);
        await DoneAsync(host, one, first, FirewallAction.Open);
        FirewallRequest opened = await host.DoAsync(other, second, FirewallAction.Open);
        Assert.True(opened is { IsDone: true, RollbackAt: not null }, $"{opened.State}: {opened.Detail}");
        await EndAsync(host, other, second, commit: true);

        await undo.LetGoAsync();
        await undo.OverAsync();

        InstalledFirewallRule left = Assert.Single(await filter.OursAsync(WellKnownPorts.Console));
        Assert.Equal((Shared, WellKnownPorts.Console), (Assert.Single(left.RemoteAddress), left.Port));
        Assert.NotEqual(false, left.Persistent);
        if (kind == FilterKind.Firewalld)
        {
            // It would take away by itself what was last written with a time.
            Assert.DoesNotContain(
                undo.Calls.Last(static c => !c.Arguments.Contains("--permanent")
                    && c.Arguments.Any(static a => a.StartsWith("--add-rich", StringComparison.Ordinal))).Arguments,
                static a => a.StartsWith("--timeout", StringComparison.Ordinal));
        }

        host.Decide(first, commit: false);
        host.End(one, first, commit: false);
        await DoneAsync(host, one, first, FirewallAction.Close);
        Assert.Single(await filter.OursAsync(WellKnownPorts.Console));
    }

    private static async Task KeepsAsync(FilterKind kind)
    {
        using var filter = new FilterHost(kind);
        using var host = new ApplierFixture(NodeRole.Console, filter);
        string before = await filter.DumpAsync();
        Guid one = host.Pair(ApplierFixture.Standard, Shared);
        Guid other = host.Pair(ApplierFixture.Standard, Shared);
        Guid first = host.Begin(one, ApplierFixture.Reverse);
        Guid second = host.Begin(other, ApplierFixture.Reverse);
        await DoneAsync(host, one, first, FirewallAction.Open);
        await DoneAsync(host, other, second, FirewallAction.Open);

        await EndAsync(host, one, first, commit: false);

        Assert.NotEmpty(await filter.OursAsync(WellKnownPorts.Console));
        await EndAsync(host, other, second, commit: true);
        InstalledFirewallRule left = Assert.Single(await filter.OursAsync(WellKnownPorts.Console));
        Assert.Equal((Shared, WellKnownPorts.Console), (Assert.Single(left.RemoteAddress), left.Port));
        Guid back = host.Begin(other, ApplierFixture.Standard);
        await DoneAsync(host, other, back, FirewallAction.Open);
        await EndAsync(host, other, back, commit: true);
        Assert.Equal(before, await filter.DumpAsync());
    }

    private static async Task EndAsync(ApplierFixture host, Guid pairing, Guid change, bool commit)
    {
        host.Decide(change, commit);
        host.End(pairing, change, commit);
        await DoneAsync(host, pairing, change, FirewallAction.Close);
    }

    private static async Task DoneAsync(ApplierFixture host, Guid pairing, Guid change, FirewallAction action)
    {
        FirewallRequest done = await host.DoAsync(pairing, change, action);
        Assert.True(done.IsDone, $"{done.State}: {done.Detail}");
    }
}
