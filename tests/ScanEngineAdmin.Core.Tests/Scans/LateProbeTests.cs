using System.Net;
using System.Net.Sockets;
using System.Text;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Scanning.Connect;
using ScanEngineAdmin.Scanning.Plan;
using ScanEngineAdmin.Scanning.Targets;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Scans;

/// <summary>Limits are the target's time to answer: a scanning host that was asleep or is behind cuts nothing.</summary>
[Collection(nameof(Probe))]
public sealed class LateProbeTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    private readonly LoopbackHost _host = new();
    private readonly ManualTime _time = new();
    private ProbeRun? _run;
    private Socket? _socket;

    public void Dispose()
    {
        _run?.Dispose();
        _host.Dispose();
    }

    [Fact]
    public async Task A_port_that_did_not_answer_before_the_host_fell_asleep_has_its_whole_limit_after_it()
    {
        var asked = new TaskCompletionSource();
        Begin(_host.Unanswering(), (socket, args) =>
        {
            bool pending = socket.ConnectAsync(args);
            asked.SetResult();
            return pending;
        });
        await asked.Task.WaitAsync(ScanSession.Bound);

        _time.Advance(10 * Limit);
        Assert.False(_socket!.SafeHandle.IsClosed);

        _time.Pass(2 * Limit);
        Assert.Equal(PortState.Filtered, (await FoundAsync()).State);
    }

    [Fact]
    public async Task A_banner_that_the_host_slept_through_the_limit_of_is_heard_after_it()
    {
        using Socket talking = await BeginTalkingAsync();
        Say(talking, "22");

        _time.Advance(10 * Limit);
        Say(talking, "0 hello\r\n");

        Assert.Equal("220 hello", (await FoundAsync()).Banner);
    }

    [Fact]
    public async Task A_port_that_answered_in_time_is_heard_out_however_late_this_host_comes_to_it()
    {
        using var behind = new SemaphoreSlim(0);
        var answered = new TaskCompletionSource();
        Begin(_host.Talking("220 hello\r\n"), (socket, args) =>
        {
            bool pending = ConnectAtOnce(socket, args);
            answered.SetResult();
            Assert.True(behind.Wait(ScanSession.Bound));
            return pending;
        });
        await answered.Task.WaitAsync(ScanSession.Bound);

        _time.Pass(10 * Limit);
        behind.Release();

        Assert.Equal("220 hello", (await FoundAsync()).Banner);
    }

    [Fact]
    public async Task A_port_that_says_a_letter_now_and_then_has_one_limit_for_all()
    {
        using Socket talking = await BeginTalkingAsync();
        for (int letter = 0; letter < 10 && !_run!.IsOver; letter++)
        {
            Say(talking, "x");
            _time.Pass(Limit / 2);
        }

        Finding found = await FoundAsync();
        Assert.Equal(PortState.Open, found.State);
        Assert.InRange(found.Banner!.Length, 1, 5);
    }

    private static bool ConnectAtOnce(Socket socket, SocketAsyncEventArgs args)
    {
        socket.Connect(args.RemoteEndPoint!);
        args.SocketError = SocketError.Success;
        return false;
    }

    /// <summary>Says it, and waits until it is read (or nobody listens any more).</summary>
    private void Say(Socket talking, string text)
    {
        try
        {
            talking.Send(Encoding.ASCII.GetBytes(text));
        }
        catch (SocketException)
        {
            // The scanner has left.
        }

        Assert.True(SpinWait.SpinUntil(() => _run!.IsOver || IsRead(), ScanSession.Bound));
    }

    private bool IsRead()
    {
        try
        {
            return _socket!.Available == 0;
        }
        catch (ObjectDisposedException)
        {
            return true;
        }
    }

    private async Task<Socket> BeginTalkingAsync()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(_host.Address, 0));
        listener.Listen();
        Begin(((IPEndPoint)listener.LocalEndPoint!).Port, ConnectAtOnce);
        return await listener.AcceptAsync();
    }

    private void Begin(int port, SocketConnect connect)
    {
        ScanPlan plan = ScanPlan.Create(ConnectScannerTests.Request(_host, port) with
        {
            Timeout = Limit,
            BannerTimeout = Limit,
        });
        bool Connect(Socket socket, SocketAsyncEventArgs args)
        {
            _socket = socket;
            return connect(socket, args);
        }

        var addresses = new ScanAddresses(
            plan.Targets, [], new SkippedTargets(plan.Targets, AddressSet.Empty), string.Empty);
        _run = new ProbeRun(plan, 0, addresses, 1, [], () => false, () => false, _time, Connect);
        _run.Kick();
    }

    private async Task<Finding> FoundAsync()
    {
        while (!_run!.IsOver)
        {
            Assert.True(await _run.WaitAsync(ScanSession.Bound), "The probe goes on and on.");
        }

        return Assert.Single(Assert.Single(_run.Take(1)).Findings);
    }
}
