using System.Globalization;
using System.Net;
using System.Net.Sockets;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Service.Tests;

/// <summary>A host that is suspended in a scan, as virtual machines are, finds what it would have.</summary>
public sealed class FrozenScanTests
{
    private const int Targets = 64;
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    // Long enough for all targets to be reached before the first one's time is over, on a busy host too.
    private static readonly TimeSpan BannerTimeout = TimeSpan.FromSeconds(8);

    [Fact, NeedsLinux]
    public async Task What_ports_said_while_the_scanning_host_was_asleep_is_heard_after_it()
    {
        using var listener = new TcpListener(IPAddress.Any, 0);
        listener.Start(2 * Targets);
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        string network = FormattableString.Invariant($"127.99.{Environment.ProcessId % 250}");
        await using HostProcess scan = HostProcess.StartAssembly(
            typeof(AdminProgram).Assembly.Location,
            "scan", $"{network}.1-{network}.{Targets}", port.ToString(CultureInfo.InvariantCulture),
            BannerTimeout.TotalSeconds.ToString(CultureInfo.InvariantCulture));
        var visitors = new List<Socket>();
        while (visitors.Count < Targets)
        {
            visitors.Add(await listener.AcceptSocketAsync().WaitAsync(Bound));
        }

        scan.Signal(Processes.Stop);
        foreach (Socket visitor in visitors)
        {
            await visitor.SendAsync("hello\r\n"u8.ToArray(), SocketFlags.None);
        }

        // Nothing to wait for: it is the time itself that has to pass while it is asleep.
        await Task.Delay(BannerTimeout + TimeSpan.FromSeconds(1));
        scan.Signal(Processes.Continue);

        string found = await scan.LineAsync(line => line.StartsWith("FOUND", StringComparison.Ordinal));
        visitors.ForEach(visitor => visitor.Dispose());
        Assert.Equal($"FOUND {Targets} of {Targets} heard out", found);
    }
}
