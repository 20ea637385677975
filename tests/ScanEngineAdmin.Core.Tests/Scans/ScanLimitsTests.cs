using System.Net.Sockets;
using ScanEngineAdmin.Core.Scans;

namespace ScanEngineAdmin.Core.Tests.Scans;

/// <summary>The scanner where something runs short: the allowed rate, or this host's sockets.</summary>
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
            time.Advance(TimeSpan.FromMilliseconds(100));
            for (int i = 0; i < 9; i++)
            {
                Assert.True(await attempts.WaitAsync(ScanSession.Bound), $"Too slow at tick {tick}.");
            }
        }

        stop.Cancel();
        await scan.WaitAsync(ScanSession.Bound);
        Assert.InRange(started, 270, 302);
    }

    [Fact]
    public async Task Running_short_of_sockets_is_never_told_as_a_filtered_port()
    {
        using var host = new LoopbackHost();
        int underWay = 0;
        int refused = 0;
        var session = new ScanSession
        {
            Connect = (socket, args) =>
            {
                // A host that bears 8 at once, told in the three ways that the system has.
                if (Interlocked.Increment(ref underWay) > 8)
                {
                    Interlocked.Decrement(ref underWay);
                    switch (Interlocked.Increment(ref refused) % 3)
                    {
                        case 0:
                            throw new SocketException((int)SocketError.TooManyOpenSockets);
                        case 1:
                            args.SocketError = SocketError.AddressNotAvailable;
                            return false;
                        default:
                            args.SocketError = SocketError.NoBufferSpaceAvailable;
                            return false;
                    }
                }

                args.Completed -= Ended;
                args.Completed += Ended;
                bool pending = socket.ConnectAsync(args);
                if (!pending)
                {
                    Interlocked.Decrement(ref underWay);
                }

                return pending;
            },
        };
        void Ended(object? sender, SocketAsyncEventArgs args) => Interlocked.Decrement(ref underWay);

        await session.RunAsync(ConnectScannerTests.Request(host) with { Ports = "1-3000", Timeout = ScanLimits.MinTimeout * 100 })
            .WaitAsync(ScanSession.Bound);
        Assert.True(refused > 0);
        Assert.Equal(3_000, session.Findings.Select(f => f.Unit).Distinct().Count());
        Assert.DoesNotContain(session.Findings, f => f.State == PortState.Filtered);
        Assert.Equal(ScanState.Completed, session.Last.Final);
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
}
