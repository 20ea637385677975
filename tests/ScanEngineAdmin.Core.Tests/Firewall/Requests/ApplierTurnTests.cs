using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Applier;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Storage;

namespace ScanEngineAdmin.Core.Tests.Firewall.Requests;

/// <summary>An applier answers one request after the other: what one pairing's may cost another's.</summary>
public sealed class ApplierTurnTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Theory]
    [InlineData(NodeRole.Console)]
    [InlineData(NodeRole.Engine)]
    public async Task An_open_waits_for_the_request_under_way_and_for_no_other(NodeRole role)
    {
        using var host = new ApplierFixture(role);
        Guid[] closes = [.. Enumerable.Range(0, 3).Select(_ => Close(host))];
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var release = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using FirewallApplierService service = await StartAsync(host, async token =>
        {
            entered.TrySetResult();
            await release.Task.WaitAsync(Patience, token);
        });
        await entered.Task.WaitAsync(Patience);
        Guid pairing = host.Pair(ApplierFixture.Standard);
        Guid change = host.Begin(pairing, ApplierFixture.Reverse);
        Task<FirewallRequest?> open = host.Client.AskAsync(
            pairing, change, FirewallAction.Open, TimeSpan.FromMinutes(3), Patience, CancellationToken.None);
        release.SetResult(true);

        Assert.True((await open)!.IsDone);
        foreach (Guid one in closes)
        {
            Assert.NotNull(await host.Client.AnswerAsync(one, row => row.IsDone, Patience, CancellationToken.None));
        }

        // In the order in which they were noted, whatever the clock said.
        Assert.Equal(
            ["FirewallClosed", "FirewallOpened", "FirewallClosed", "FirewallClosed"],
            host.Store.ListEvents(10).Select(entry => entry.Event).Where(name => name.StartsWith(
                "Firewall", StringComparison.Ordinal)).Reverse());
    }

    [Fact]
    public async Task A_request_that_takes_too_long_is_given_up_says_so_and_is_tried_again()
    {
        using var host = new ApplierFixture(NodeRole.Console);
        Guid slow = Close(host);
        bool stuck = true;
        await using FirewallApplierService service = await StartAsync(
            host,
            token => Volatile.Read(ref stuck) ? Task.Delay(Timeout.Infinite, token) : Task.CompletedTask,
            TimeSpan.FromSeconds(2));

        FirewallRequest? given = await host.Client.AnswerAsync(
            slow, row => row.State == FirewallRequestState.Failed, Patience, CancellationToken.None);
        Volatile.Write(ref stuck, false);
        FirewallRequest? done =
            await host.Client.AnswerAsync(slow, row => row.IsDone, Patience, CancellationToken.None);

        Assert.Equal(FaultCode.TimedOut, given?.Fault);
        Assert.NotNull(done);
    }

    private static Guid Close(ApplierFixture host)
    {
        var change = Guid.NewGuid();
        host.Client.Ask(host.Pair(ApplierFixture.Standard), change, FirewallAction.Close, TimeSpan.FromMinutes(3));
        return change;
    }

    /// <summary>With something that each call of a tool waits for.</summary>
    private static Task<FirewallApplierService> StartAsync(
        ApplierFixture host, Func<CancellationToken, Task> before, TimeSpan? longest = null)
    {
        host.Client.Provide();
        FirewallApplierOptions options = host.Options with { Retry = TimeSpan.FromSeconds(1) };
        return FirewallApplierService.StartAsync(
            host.Host.Folder, host.Role, new SqliteStoreProvider(),
            options with
            {
                Longest = longest ?? options.Longest,
                Host = options.Host! with
                {
                    Run = async (call, token) =>
                    {
                        await before(token);
                        return await options.Host.Run(call, token);
                    },
                },
            },
            _ => { },
            CancellationToken.None);
    }
}
