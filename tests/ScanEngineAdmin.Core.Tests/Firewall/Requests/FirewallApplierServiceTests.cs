using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Applier;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Firewall.Tools;
using ScanEngineAdmin.Storage;

namespace ScanEngineAdmin.Core.Tests.Firewall.Requests;

/// <summary>The applier as it runs beside its node: who is there, what is taken up, what is tried again.</summary>
public sealed class FirewallApplierServiceTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Theory]
    [InlineData(NodeRole.Console)]
    [InlineData(NodeRole.Engine)]
    public async Task It_answers_in_the_same_row_and_notes_it(NodeRole role)
    {
        using var host = new ApplierFixture(role) { DeniesOutbound = true };
        Guid pairing = host.Pair(ApplierFixture.Standard);
        Guid change = host.Begin(pairing, ApplierFixture.Reverse);
        Assert.False(host.Client.IsAlive);
        await using FirewallApplierService service = await host.StartAsync();
        Assert.True(host.Client.IsAlive);

        FirewallRequest? answer = await AskAsync(host, pairing, change, FirewallAction.Open);

        Assert.True(answer is { IsDone: true, Answered: not null }, $"{answer}");
        Assert.Equal(2, answer.Rules.Count);
        Assert.Contains(host.Store.ListEvents(10), entry => entry.Event == "FirewallOpened"
            && entry.PairingId == pairing && entry.Actor.StartsWith("firewall applier", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_was_asked_while_none_ran_is_done_when_one_starts_and_its_end_is_seen()
    {
        using var host = new ApplierFixture(NodeRole.Console);
        Guid pairing = host.Pair(ApplierFixture.Standard);
        Guid change = host.Begin(pairing, ApplierFixture.Reverse);
        host.Client.Ask(pairing, change, FirewallAction.Open, TimeSpan.FromMinutes(1));
        FirewallApplierService service = await host.StartAsync();

        FirewallRequest? answer = await host.Client.AnswerAsync(
            change, row => row.IsDone, Patience, CancellationToken.None);

        Assert.NotNull(answer);
        await service.DisposeAsync();
        Assert.False(host.Client.IsAlive);
    }

    [Fact]
    public async Task A_failed_open_says_why_and_a_failed_close_is_tried_until_it_succeeds()
    {
        using var host = new ApplierFixture(NodeRole.Console);
        Guid pairing = host.Pair(ApplierFixture.Standard);
        Guid change = host.Begin(pairing, ApplierFixture.Reverse);
        host.First = static call => call.Tool == "iptables-save"
            ? new ToolResult(true, 4, "iptables-save: Permission denied")
            : null;
        await using FirewallApplierService service = await host.StartAsync();

        FirewallRequest? open = await AskAsync(host, pairing, change, FirewallAction.Open);
        host.Decide(change, commit: true);
        host.End(pairing, change, commit: true);
        FirewallRequest? close = await AskAsync(host, pairing, change, FirewallAction.Close);

        Assert.Equal(
            (FirewallRequestState.Failed, FaultCode.FirewallAccessDenied), (open!.State, open.Fault!.Value));
        Assert.NotEmpty(open.Recommendation);
        Assert.Equal(FirewallRequestState.Failed, close!.State);
        host.First = static _ => null;
        Assert.NotNull(await host.Client.AnswerAsync(
            change, row => row is { Action: FirewallAction.Close, IsDone: true }, Patience, CancellationToken.None));
        Assert.Equal(await host.NeededAsync(), host.Filter());
    }

    [Fact]
    public async Task A_second_one_is_refused_and_so_is_one_for_a_node_that_never_ran()
    {
        using var host = new ApplierFixture(NodeRole.Console);
        using var never = new ApplierFixture(NodeRole.Engine);
        await using FirewallApplierService service = await host.StartAsync();

        Assert.Equal(
            FaultCode.ApplierAlreadyRunning, (await Assert.ThrowsAsync<ScanEngineException>(host.StartAsync)).Code);
        ScanEngineException fault = await Assert.ThrowsAsync<ScanEngineException>(
            () => FirewallApplierService.StartAsync(
            never.Host.Folder, NodeRole.Engine, new SqliteStoreProvider(), never.Options, _ => { },
            CancellationToken.None));
        Assert.Equal(FaultCode.EngineNotRunning, fault.Code);
    }

    [Fact]
    public void A_close_stays_a_close()
    {
        using var host = new ApplierFixture(NodeRole.Engine);
        var change = Guid.NewGuid();
        FirewallRequest close = host.Client.Ask(Guid.NewGuid(), change, FirewallAction.Close, TimeSpan.Zero);

        FirewallRequest open = host.Client.Ask(close.PairingId, change, FirewallAction.Open, TimeSpan.Zero);

        Assert.Equal((FirewallAction.Close, close.Number), (open.Action, open.Number));
        Assert.False(host.Store.AnswerFirewall(close with { Number = close.Number + 1 }));
    }

    private static Task<FirewallRequest?> AskAsync(
        ApplierFixture host, Guid pairing, Guid change, FirewallAction action) =>
        host.Client.AskAsync(pairing, change, action, TimeSpan.FromMinutes(3), Patience, CancellationToken.None);
}
