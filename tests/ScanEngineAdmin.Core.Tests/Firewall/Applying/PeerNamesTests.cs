using System.Net;
using System.Net.Sockets;
using ScanEngineAdmin.Core.Applier;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Firewall.Applying;

/// <summary>Names of peers are asked side by side, and all of them within one time.</summary>
public sealed class PeerNamesTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task A_name_server_that_says_nothing_costs_its_time_once_for_a_hundred_names()
    {
        var time = new ManualTime();
        int asked = 0;
        var some = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var names = new PeerNames(
            async (_, token) =>
            {
                if (Interlocked.Increment(ref asked) == 16)
                {
                    some.SetResult();
                }

                await Task.Delay(Timeout.Infinite, token);
                return [];
            },
            time);

        Task<IReadOnlyList<IReadOnlyList<IPAddress>>> all = names.ResolveAsync(
            [.. Enumerable.Range(0, 100).Select(i => ((string?)null, (string?)$"lab-{i}.example")),
                ("192.0.2.7", "lab-1.example")],
            CancellationToken.None);
        await some.Task.WaitAsync(Patience);
        time.Pass(PeerNames.Bound);

        IReadOnlyList<IReadOnlyList<IPAddress>> known = await all.WaitAsync(Patience);
        Assert.All(known.Take(100), Assert.Empty);
        Assert.Equal("192.0.2.7", Assert.Single(known[100]).ToString());
        Assert.Equal(16, asked);
    }

    [Fact]
    public async Task A_resolver_that_does_not_listen_is_left_behind_and_what_the_others_said_is_kept()
    {
        var time = new ManualTime();
        var stuck = new TaskCompletionSource<IPAddress[]>();
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var names = new PeerNames(
            (name, _) =>
            {
                switch (name)
                {
                    case "stuck.example":
                        begun.SetResult();
                        return stuck.Task;
                    case "none.example":
                        throw new SocketException((int)SocketError.HostNotFound);
                    default:
                        return Task.FromResult<IPAddress[]>([IPAddress.Parse("192.0.2.8")]);
                }
            },
            time);

        Task<IReadOnlyList<IReadOnlyList<IPAddress>>> all = names.ResolveAsync(
            [(null, "none.example"), (null, "lab.example"), ("not an address", "LAB.example"), (null, null),
                (null, "stuck.example")],
            CancellationToken.None);
        await begun.Task.WaitAsync(Patience);
        time.Pass(PeerNames.Bound);

        IReadOnlyList<IReadOnlyList<IPAddress>> known = await all.WaitAsync(Patience);
        Assert.Equal([0, 1, 1, 0, 0], known.Select(static one => one.Count));
    }

    [Fact]
    public async Task Who_gives_up_waiting_is_told_so()
    {
        using var impatient = new CancellationTokenSource();
        var names = new PeerNames(
            async (_, token) =>
            {
                await impatient.CancelAsync();
                await Task.Delay(Timeout.Infinite, token);
                return [];
            },
            TimeProvider.System);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => names.ResolveAsync([(null, "lab.example")], impatient.Token).WaitAsync(Patience));
    }
}
