using System.Net;
using System.Net.Sockets;
using ScanEngineAdmin.Core.Diagnosis;
using ScanEngineAdmin.Core.Tests.EndToEnd;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Firewall.Applying;
using ScanEngineAdmin.Firewall.Rules;

namespace ScanEngineAdmin.Core.Tests.Firewall.Applying;

/// <summary>Rules that are confirmed by a test of the way they open, or undone: against a real filter.</summary>
[Trait("Speed", "Slow")]
public sealed class FirewallTrialTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);

    [Fact, NeedsFilter(FilterKind.Nftables)]
    public async Task A_plan_whose_way_passes_the_test_stays()
    {
        using var host = new FilterHost(FilterKind.Nftables);
        using TcpListener listener = Listen(host);
        IPEndPoint there = new(host.Net.Inside, ((IPEndPoint)listener.LocalEndpoint).Port);
        var applier = new FirewallPlanApplier(host.HostTools);
        FirewallApplication done = await ApplyAsync(host, there.Port, Long);

        (bool confirmed, FirewallTestResult? last) = await new FirewallTrial(applier)
            .RunAsync(done, token => TestAsync(there, token), CancellationToken.None).WaitAsync(Bound);

        Assert.True(confirmed);
        Assert.Equal(FirewallVerdict.Ok, last!.Verdict);
        Assert.Empty(await applier.PendingAsync(CancellationToken.None));
        Assert.Single(await host.OursAsync(there.Port));
        ScanEngineException twice = await Assert.ThrowsAsync<ScanEngineException>(
            () => applier.ConfirmAsync(done.Id, CancellationToken.None));
        Assert.Equal(FaultCode.ApplicationNotFound, twice.Code);
    }

    [Fact, NeedsFilter(FilterKind.Nftables)]
    public async Task A_plan_whose_way_fails_the_test_is_undone_on_time()
    {
        using var host = new FilterHost(FilterKind.Nftables);
        using TcpListener listener = Listen(host);
        IPEndPoint there = new(host.Net.Inside, ((IPEndPoint)listener.LocalEndpoint).Port);
        string before = await host.DumpAsync();
        var undo = new HeldUndo(host);
        FirewallApplication done = await undo.ApplyAsync(Plan(host, there.Port + 1));
        var time = new LeapTime();
        int tests = 0;

        (bool confirmed, FirewallTestResult? last) =
            await new FirewallTrial(new FirewallPlanApplier(host.HostTools), time)
            .RunAsync(
                done,
                async token =>
                {
                    if (++tests == 2)
                    {
                        time.Jump(Long);
                        await undo.LetGoAsync();
                    }

                    return await TestAsync(there, token);
                },
                CancellationToken.None).WaitAsync(Bound);

        Assert.False(confirmed);
        Assert.False(last!.Succeeded);
        Assert.Equal(2, tests);
        Assert.Equal(before, await host.DumpAsync());
    }

    [Fact, NeedsFilter(FilterKind.Nftables)]
    public async Task A_session_that_is_cut_in_the_test_leaves_the_undoing_to_its_own_process()
    {
        using var host = new FilterHost(FilterKind.Nftables);
        string before = await host.DumpAsync();
        var undo = new HeldUndo(host);
        FirewallApplication done = await undo.ApplyAsync(Plan(host, 40815));
        using var session = new CancellationTokenSource();
        var begun = new TaskCompletionSource();
        Task watching = new FirewallTrial(new FirewallPlanApplier(host.HostTools)).RunAsync(
            done,
            async token =>
            {
                begun.SetResult();
                await Task.Delay(Timeout.Infinite, token);
                throw new InvalidOperationException("It was not ended.");
            },
            session.Token);
        await begun.Task.WaitAsync(Bound);
        await session.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => watching.WaitAsync(Bound));
        Assert.NotEqual(before, await host.DumpAsync());
        await undo.LetGoAsync();
        long since = TimeProvider.System.GetTimestamp();
        while (await host.DumpAsync() != before)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(since) < Bound, "It was not undone.");
        }
    }

    [Fact, NeedsFilter(FilterKind.Nftables)]
    public async Task What_somebody_confirmed_by_hand_stays_whatever_the_test_says()
    {
        using var host = new FilterHost(FilterKind.Nftables);
        var applier = new FirewallPlanApplier(host.HostTools);
        FirewallApplication done = await ApplyAsync(host, 40815, Long);
        await applier.ConfirmAsync(done.Id, CancellationToken.None);

        (bool confirmed, _) = await new FirewallTrial(applier).RunAsync(
            done, _ => Task.FromResult(Result("127.0.0.1:40815", passes: false)), CancellationToken.None)
            .WaitAsync(Bound);

        Assert.True(confirmed);
        Assert.Single(await host.OursAsync(40815));
    }

    private static Task<FirewallApplication> ApplyAsync(FilterHost host, int port, TimeSpan rollbackAfter) =>
        host.ApplyAsync(Plan(host, port), new FirewallApplyOptions { RollbackAfter = rollbackAfter });

    private static FirewallPlan Plan(FilterHost host, int port) =>
        Wanted.Plan(RuleChange.Add, Wanted.Rule(port, peers: host.Net.Outside.ToString()));

    private static TcpListener Listen(FilterHost host) => host.Net.Make(() =>
    {
        var made = new TcpListener(IPAddress.Any, 0);
        made.Start();
        return made;
    });

    private static async Task<FirewallTestResult> TestAsync(IPEndPoint there, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Result($"{there}", await RealApplyTests.Connects(there, TimeSpan.FromMilliseconds(700)));
    }

    private static FirewallTestResult Result(string endPoint, bool passes) => new()
    {
        EngineName = "lab-2",
        Direction = CommunicationDirection.EngineToConsole,
        EndPoint = endPoint,
        Succeeded = passes,
        Stages = [],
        Verdict = passes ? FirewallVerdict.Ok : FirewallVerdict.Unknown,
        VerdictDetail = string.Empty,
    };
}
