using System.Net.Sockets;
using ScanEngineAdmin.Core.Tests.EndToEnd;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Scanning.Connect;
using ScanEngineAdmin.Scanning.Ports;
using ScanEngineAdmin.Scanning.Targets;

namespace ScanEngineAdmin.Core.Tests.Scans;

[Collection(nameof(Probe))]
public sealed class ConnectScannerTests
{
    [Fact, Trait("Speed", "Slow")]
    public async Task Each_port_is_told_as_it_answers()
    {
        using var host = new LoopbackHost();
        int talking = host.Talking("220 hello\r\n");
        int silent = host.Silent();
        int closed = host.Closed();
        int unanswering = host.Unanswering();
        var session = new ScanSession();
        await session.RunAsync(Request(host, talking, silent, closed, unanswering) with
        {
            Timeout = TimeSpan.FromSeconds(10),
            BannerTimeout = TimeSpan.FromSeconds(10),
        });

        Assert.Equal((PortState.Open, "220 hello"), (session[talking].State, session[talking].Banner));
        Assert.Equal((PortState.Open, null), (session[silent].State, session[silent].Banner));
        Assert.Equal((PortState.Closed, null), (session[closed].State, session[closed].Banner));
        Assert.Equal((PortState.Filtered, null), (session[unanswering].State, session[unanswering].RoundTrip));
        Assert.All([talking, silent, closed],
            port => Assert.InRange(session[port].RoundTrip!.Value, TimeSpan.Zero, ScanLimits.MaxTimeout));
        Assert.Equal((ScanState.Completed, 4L, 1L),
            (session.Last.Final, session.Last.Cursor, session.Last.TargetsDone));
    }

    [Fact]
    public async Task A_host_that_stood_still_measures_no_round_trip_that_no_scan_may_wait_for()
    {
        using var host = new LoopbackHost();
        int open = host.Talking("220 hello\r\n");
        int closed = host.Closed();
        var time = new LeapTime();
        var session = new ScanSession
        {
            Time = time,
            Connect = (socket, args) =>
            {
                time.Pass(2 * ScanLimits.MaxTimeout);
                return socket.ConnectAsync(args);
            },
        };
        await session.RunAsync(Request(host, open, closed) with { Parallelism = 1 }).WaitAsync(ScanSession.Bound);

        Assert.Equal((PortState.Open, ScanLimits.MaxTimeout), (session[open].State, session[open].RoundTrip));
        Assert.Equal((PortState.Closed, ScanLimits.MaxTimeout), (session[closed].State, session[closed].RoundTrip));
    }

    [Fact]
    public async Task A_scan_goes_on_from_its_cursor()
    {
        using var host = new LoopbackHost();
        var first = new ScanSession();
        await first.RunAsync(Request(host) with { Ports = "1-5000" });
        ScanBatch kept = first.Batches[first.Batches.Count / 2];
        var second = new ScanSession();
        await second.RunAsync(Request(host) with { Ports = "1-5000" }, cursor: kept.Cursor);

        Assert.Equal(5_000 - kept.Cursor, second.Findings.LongCount());
        Assert.All(second.Findings, f => Assert.True(f.Unit >= kept.Cursor));
        Assert.Equal(ScanState.Completed, second.Last.Final);
    }

    [Fact]
    public async Task A_scan_whose_units_are_all_done_ends_at_once()
    {
        using var host = new LoopbackHost();
        var session = new ScanSession();
        await session.RunAsync(Request(host, 1, 2), cursor: 2);
        Assert.Equal((ScanState.Completed, 0), (session.Last.Final, session.Last.Findings.Count));
    }

    [Fact]
    public async Task A_stop_ends_it_promptly_keeps_what_was_found_and_frees_the_sockets()
    {
        using var host = new LoopbackHost();
        int unanswering = host.Unanswering();
        int closed = host.Closed();
        using var stop = new CancellationTokenSource();
        int before = host.HalfOpen(unanswering);
        var session = new ScanSession
        {
            Keep = _ =>
            {
                stop.Cancel();
                return ValueTask.CompletedTask;
            },
        };
        ScanRequest slow = Request(host, unanswering, closed) with { Timeout = TimeSpan.FromMinutes(2) };
        await session.RunAsync(slow, stop: stop.Token).WaitAsync(ScanSession.Bound);

        Assert.Equal(ScanState.Stopped, session.Last.Final);
        Assert.Equal(PortState.Closed, session[closed].State);
        Assert.DoesNotContain(session.Findings, f => f.Port == unanswering);
        await host.UntilHalfOpenAsync(unanswering, before).WaitAsync(ScanSession.Bound);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_open_port_not_heard_out_at_a_stop_is_left_to_the_run_that_goes_on(bool goesOn)
    {
        using var host = new LoopbackHost();
        int silent = host.Silent();
        int closed = host.Closed();
        using var stop = new CancellationTokenSource();
        var connected = new TaskCompletionSource();
        var session = new ScanSession
        {
            GoesOn = goesOn,
            Connect = (socket, args) =>
            {
                socket.Connect(args.RemoteEndPoint!);
                args.SocketError = SocketError.Success;
                connected.TrySetResult();
                return false;
            },
            Keep = async _ =>
            {
                await connected.Task.WaitAsync(ScanSession.Bound);
                await stop.CancelAsync();
            },
        };

        await session.RunAsync(
            Request(host, silent, closed) with { BannerTimeout = TimeSpan.FromSeconds(30) }, stop: stop.Token)
            .WaitAsync(ScanSession.Bound);

        Assert.Equal(goesOn ? ScanState.Stopped : ScanState.Completed, session.Last.Final);
        Assert.Equal(goesOn ? 0 : 1, session.Findings.Count(f => f.Port == silent));
        Assert.Equal(PortState.Closed, session[closed].State);
    }

    [Fact]
    public async Task A_stop_before_the_start_scans_nothing()
    {
        using var host = new LoopbackHost();
        var session = new ScanSession();
        await session.RunAsync(Request(host, 1) with { Targets = [host.Name, "a.example"] },
            stop: new CancellationToken(true));
        Assert.Equal((ScanState.Stopped, 0), (session.Last.Final, session.Last.Findings.Count));
    }

    [Fact]
    public async Task A_slow_consumer_slows_the_scan_and_memory_stays_bounded()
    {
        using var host = new LoopbackHost();
        int attempts = 0;
        long held = 0;
        var full = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var session = new ScanSession
        {
            Connect = (socket, args) =>
            {
                // The first batch is held, perhaps with others that were taken with it; as much fits beside them.
                if (Interlocked.Increment(ref attempts) == ScanLimits.MaxFindingsPerBatch)
                {
                    full.TrySetResult();
                }

                return socket.ConnectAsync(args);
            },
            Keep = async batch =>
            {
                if (batch.Number == 1)
                {
                    await full.Task.WaitAsync(ScanSession.Bound);
                }

                Assert.InRange(Volatile.Read(ref attempts), 0, Held(batch) + (2 * ScanLimits.MaxFindingsPerBatch));
            },
        };
        long Held(ScanBatch batch) => held += batch.Findings.Count;
        await session.RunAsync(Request(host) with { Ports = "1-20000" });
        Assert.Equal(20_000, session.Findings.Count());
    }

    [Fact]
    public async Task What_keeping_a_batch_throws_ends_the_scan_and_is_thrown_on()
    {
        using var host = new LoopbackHost();
        var session = new ScanSession { Keep = _ => throw new IOException("full") };
        await Assert.ThrowsAsync<IOException>(
            () => session.RunAsync(Request(host) with { Ports = "1-5000" }).WaitAsync(ScanSession.Bound));
    }

    [Fact]
    public async Task A_denied_target_is_refused_before_anything_is_sent()
    {
        using var host = new LoopbackHost();
        int attempts = 0;
        var session = new ScanSession
        {
            Policy = new TargetPolicy { Deny = ["127.0.0.0/8"] },
            Connect = (socket, args) => ++attempts > 0 && socket.ConnectAsync(args),
        };
        var error = await Assert.ThrowsAsync<ScanEngineException>(() => session.RunAsync(Request(host, 1)));
        Assert.Equal((FaultCode.ScanRefused, 0), (error.Code, attempts));
    }

    [Fact]
    public async Task A_socket_connected_to_itself_is_no_open_port()
    {
        using var host = new LoopbackHost();
        int port = host.Closed();
        var session = new ScanSession
        {
            Connect = (socket, args) =>
            {
                socket.Bind(args.RemoteEndPoint!);
                return socket.ConnectAsync(args);
            },
        };
        await session.RunAsync(Request(host, port));
        Assert.Equal(PortState.Closed, session[port].State);
    }

    internal static ScanRequest Request(LoopbackHost host, params int[] ports) => new()
    {
        Targets = [host.Name],
        Ports = ports.Length == 0 ? "1" : PortList.Parse(ports).ToString(),
        Timeout = TimeSpan.FromSeconds(30),
        BannerTimeout = TimeSpan.FromMilliseconds(100),
    };
}
