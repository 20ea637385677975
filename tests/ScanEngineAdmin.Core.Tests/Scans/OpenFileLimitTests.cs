using System.Net;
using System.Net.Sockets;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Scanning.Connect;
using ScanEngineAdmin.Scanning.Plan;
using ScanEngineAdmin.Scanning.Targets;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Scans;

/// <summary>Many scans that begin at once hold no more sockets together than this process can spare.</summary>
[Collection(nameof(Probe))]
public sealed class OpenFileLimitTests
{
    private const int Scans = 32;

    [Fact]
    public void Scans_that_begin_at_once_have_half_of_what_is_free_together_and_give_it_back()
    {
        const int free = 4096;
        var limit = new OpenFileLimit(() => free);
        OpenFileLimit.Share[] shares = Enumerable.Range(0, Scans).Select(_ => limit.Take(1024)).ToArray();

        Assert.Equal(1024, shares[0].Count);
        Assert.All(shares, share => Assert.True(share.Count >= 1));
        Assert.InRange(shares.Sum(share => share.Count), free / 4, (free / 2) + Scans);

        foreach (OpenFileLimit.Share share in shares)
        {
            share.Dispose();
            share.Dispose();
        }

        Assert.Equal(free / 4, limit.Take(free).Count);
    }

    [Fact]
    public void Where_there_is_no_limit_a_scan_has_what_it_wants() =>
        Assert.Equal(1024, new OpenFileLimit(() => null).Take(1024).Count);

    [Fact]
    public async Task A_console_that_starts_as_many_scans_as_it_may_does_not_take_all_sockets()
    {
        const int free = 640;
        using var host = new LoopbackHost();
        var silent = new IPEndPoint(host.Address, host.Unanswering());
        using var stop = new CancellationTokenSource();
        using var attempts = new SemaphoreSlim(0);
        int open = 0;
        var scanner = new ConnectScanner(
            new TargetPolicy(),
            new ManualTime(),
            (socket, args) =>
            {
                // Nobody answers, and no time passes: what is begun stays open until the stop.
                Interlocked.Increment(ref open);
                attempts.Release();
                args.RemoteEndPoint = silent;
                return socket.ConnectAsync(args);
            },
            (_, _) => throw new SocketException((int)SocketError.HostNotFound),
            new OpenFileLimit(() => free));
        ScanPlan plan = ScanPlan.Create(ConnectScannerTests.Request(host) with
        {
            Ports = "1-60000",
            Parallelism = 1024,
        });

        var scans = new List<Task<ScanBatch>>();
        int begun = 0;
        for (int expected = free / 4; scans.Count < Scans; expected = Math.Max(1, ((free / 2) - begun) / 2))
        {
            scans.Add(scanner.RunAsync(plan, 0, 0, _ => ValueTask.CompletedTask, () => false, () => false, stop.Token));
            for (int i = 0; i < expected; i++)
            {
                Assert.True(await attempts.WaitAsync(ScanSession.Bound));
            }

            begun += expected;
        }

        await stop.CancelAsync();
        await Task.WhenAll(scans).WaitAsync(ScanSession.Bound);
        Assert.Equal(begun, open);
        Assert.InRange(open, 0, (free / 2) + Scans);
    }
}
