using System.Net;
using System.Net.Sockets;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Scanning.Connect;
using ScanEngineAdmin.Scanning.Targets;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Scans;

/// <summary>The scanner where something runs short: the allowed rate, or this host's sockets.</summary>
[Collection(nameof(Probe))]
public sealed class ScanLimitsTests
{
    [Theory]
    [InlineData(100, 0)]
    [InlineData(0, 100)]
    [InlineData(5_000, 100)]
    public async Task The_lower_rate_of_request_and_policy_is_kept(int requested, int allowed)
    {
        using var host = new LoopbackHost();
        using var attempts = new SemaphoreSlim(0);
        using var stop = new CancellationTokenSource();
        var time = new ManualTime();
        int started = 0;
        var session = new ScanSession
        {
            Time = time,
            Policy = new TargetPolicy { MaxRate = allowed },
            Connect = (_, args) =>
            {
                Interlocked.Increment(ref started);
                attempts.Release();
                args.SocketError = SocketError.ConnectionRefused;
                return false;
            },
        };
        Task scan = session.RunAsync(
            ConnectScannerTests.Request(host) with { Ports = "1-60000", MaxRate = requested }, stop: stop.Token);
        Assert.True(await attempts.WaitAsync(ScanSession.Bound));
        for (int tick = 0; tick < 30; tick++)
        {
            time.Pass(TimeSpan.FromMilliseconds(100));
            for (int i = 0; i < 9; i++)
            {
                Assert.True(await attempts.WaitAsync(ScanSession.Bound), $"Too slow at tick {tick}.");
            }
        }

        // A probe may stand between its turn and its attempt: the scan looks again for its end when time has passed.
        stop.Cancel();
        using var patience = new CancellationTokenSource(ScanSession.Bound);
        while (!scan.IsCompleted)
        {
            patience.Token.ThrowIfCancellationRequested();
            time.Pass(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }

        await scan;
        Assert.InRange(started, 270, 302);
    }

    [Fact]
    public async Task Running_short_of_sockets_is_never_told_as_a_filtered_port()
    {
        using var host = new LoopbackHost();
        int refused = 0;
        var session = new ScanSession
        {
            Connect = (socket, args) =>
            {
                // The three ways in which the system tells it, for a while.
                int attempt = Interlocked.Increment(ref refused);
                if (attempt > 600)
                {
                    return socket.ConnectAsync(args);
                }

                if (attempt % 3 == 0)
                {
                    throw new SocketException((int)SocketError.TooManyOpenSockets);
                }

                args.SocketError = attempt % 3 == 1 ? SocketError.AddressNotAvailable
                    : SocketError.NoBufferSpaceAvailable;
                return false;
            },
        };
        await session.RunAsync(ConnectScannerTests.Request(host) with
        {
            Ports = "1-3000",
            Parallelism = 512,
            Timeout = TimeSpan.FromSeconds(20),
            BannerTimeout = TimeSpan.FromMilliseconds(50),
        }).WaitAsync(ScanSession.Bound);
        Assert.Equal(3_600, refused);
        Assert.Equal(3_000, session.Findings.Select(f => f.Unit).Distinct().Count());
        Assert.DoesNotContain(session.Findings, f => f.State == PortState.Filtered);
        Assert.Equal(ScanState.Completed, session.Last.Final);
    }

    [Fact]
    public void Attempts_at_once_halve_in_a_shortage_and_grow_back_after_it()
    {
        var shortage = new LocalShortage(100, new ManualTime());
        var limits = new List<int>();
        for (int tick = 0; tick < 12; tick++)
        {
            if (tick < 3)
            {
                // Hundreds fail in the same moment: that is one shortage, not hundreds.
                shortage.Meet(SocketError.TooManyOpenSockets, IPAddress.Loopback);
                shortage.Meet(SocketError.TooManyOpenSockets, IPAddress.Loopback);
            }

            Assert.Null(shortage.Tick());
            limits.Add(shortage.Limit);
        }

        Assert.Equal([50, 25, 12, 13, 14, 15, 16, 18, 20, 22, 24, 27], limits);
    }

    [Fact]
    public async Task A_host_that_can_start_nothing_for_long_fails_the_scan_and_says_why()
    {
        using var host = new LoopbackHost();
        var time = new ManualTime();
        var session = new ScanSession
        {
            Time = time,
            Connect = (_, _) => throw new SocketException((int)SocketError.TooManyOpenSockets),
        };
        Task scan = session.RunAsync(ConnectScannerTests.Request(host) with { Ports = "1-100" });
        await time.PassUntilAsync(scan, TimeSpan.FromSeconds(10));
        Assert.Equal((ScanState.Failed, 0L), (session.Last.Final, session.Last.Cursor));
        Assert.Contains("TooManyOpenSockets", session.Last.Detail, StringComparison.Ordinal);
        Assert.Empty(session.Findings);
    }

    [Fact]
    public async Task A_fault_of_the_scanner_fails_the_scan_and_not_the_process()
    {
        using var host = new LoopbackHost();
        var session = new ScanSession { Connect = (_, _) => throw new InvalidOperationException("unforeseen") };
        await session.RunAsync(ConnectScannerTests.Request(host) with { Ports = "1-100" }).WaitAsync(ScanSession.Bound);
        Assert.Equal(ScanState.Failed, session.Last.Final);
        Assert.Contains("unforeseen", session.Last.Detail, StringComparison.Ordinal);
    }
}
