using System.Net;
using System.Net.Sockets;
using System.Text;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Service.Tests;

/// <summary>What a node says to systemd: a unit of Type=notify with WatchdogSec relies on these words.</summary>
public sealed class SystemdTests
{
    [Theory, NeedsLinux]
    [InlineData("console")]
    [InlineData("engine")]
    [Trait("Speed", "Slow")]
    public async Task It_says_when_it_is_ready_that_it_lives_and_when_it_stops(string role)
    {
        using var folder = new TemporaryFolder();
        string path = folder.Below("notify");
        using var manager = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        manager.Bind(new UnixDomainSocketEndPoint(path));
        await using HostProcess host = HostProcess.StartAsUnit(
            new() { ["NOTIFY_SOCKET"] = path, ["WATCHDOG_USEC"] = "400000" },
            role, "--data", folder.Below("data"), "--listen", "127.0.0.1:0");

        await HeardAsync(manager, "READY=1");

        // Ready means that it takes connections: whoever waits for the unit may use it.
        IPEndPoint bound = await host.ListeningAsync(role);
        using var visitor = new TcpClient();
        await visitor.ConnectAsync(bound);
        await HeardAsync(manager, "WATCHDOG=1");
        await HeardAsync(manager, "WATCHDOG=1");
        host.Signal(Processes.Terminate);
        await HeardAsync(manager, "STOPPING=1");
        Assert.Equal(0, await host.EndAsync());
    }

    [Fact, NeedsLinux]
    public async Task Without_a_watchdog_it_says_nothing_of_its_life()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Below("notify");
        using var manager = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        manager.Bind(new UnixDomainSocketEndPoint(path));
        await using HostProcess host = HostProcess.StartAsUnit(
            new() { ["NOTIFY_SOCKET"] = path, ["WATCHDOG_USEC"] = "100000", ["WATCHDOG_PID"] = "1" },
            "console", "--data", folder.Below("data"), "--listen", "127.0.0.1:0", "--stop-with-stdin");

        // First: a node that is stopped while it still starts may say that it stops before it says that it is ready.
        Assert.Equal("READY=1", await HearAsync(manager));
        host.CloseInput();
        Assert.Equal(0, await host.EndAsync());

        Assert.StartsWith("STOPPING=1", await HearAsync(manager), StringComparison.Ordinal);
        Assert.Equal(0, manager.Available);
    }

    private static async Task HeardAsync(Socket manager, string word)
    {
        while (!(await HearAsync(manager)).Split('\n').Contains(word))
        {
        }
    }

    private static async Task<string> HearAsync(Socket manager)
    {
        using var bound = new CancellationTokenSource(HostProcess.Bound);
        byte[] buffer = new byte[4096];
        int count = await manager.ReceiveAsync(buffer, bound.Token);
        return Encoding.UTF8.GetString(buffer, 0, count);
    }
}
