using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Service.Tests;

/// <summary>A host that is suspended in a scan, as virtual machines are, finds what it would have.</summary>
public sealed class FrozenScanTests
{
    private const int Targets = 64;
    private const int Tries = 10;
    private static readonly TimeSpan Bound = HostProcess.Bound;

    // Long enough for all targets to be reached before the first one's time is over.
    private static readonly TimeSpan BannerTimeout = TimeSpan.FromSeconds(8);

    [Fact, NeedsLinux]
    public async Task What_ports_said_just_before_or_while_the_scanning_host_was_asleep_is_heard_after_it()
    {
        string? found = null;
        for (int tried = 0; tried < Tries && found is null; tried++)
        {
            found = await FreezeAsync();
        }

        Assert.Equal($"FOUND {Targets} of {Targets} heard out", found);
    }

    /// <summary>
    /// What the scan found; null where this host was so busy that the first target's time was over before the last one
    /// was reached.
    /// </summary>
    private static async Task<string?> FreezeAsync()
    {
        using var listener = new TcpListener(IPAddress.Any, 0);
        listener.Start(2 * Targets);
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        string network = FormattableString.Invariant($"127.99.{Environment.ProcessId % 250}");
        await using HostProcess scan = HostProcess.StartAssembly(
            typeof(AdminProgram).Assembly.Location,
            "scan", $"{network}.1-{network}.{Targets}", port.ToString(CultureInfo.InvariantCulture),
            BannerTimeout.TotalSeconds.ToString(CultureInfo.InvariantCulture));
        await scan.LineAsync(line => line == AdminProgram.ReadyToScan);
        var begun = Stopwatch.StartNew();
        scan.CloseInput();
        var visitors = new List<Socket>();
        while (visitors.Count < Targets)
        {
            Socket visitor = await listener.AcceptSocketAsync().WaitAsync(Bound);
            if ($"{visitor.LocalEndPoint}".StartsWith(network + ".", StringComparison.Ordinal))
            {
                visitors.Add(visitor);
            }
            else
            {
                // Another test that scans all ports of an address meanwhile.
                visitor.Dispose();
            }
        }

        await GreetAsync(visitors[..(Targets / 2)]);
        scan.Signal(Processes.Stop);
        if (begun.Elapsed > BannerTimeout)
        {
            visitors.ForEach(visitor => visitor.Dispose());
            return null;
        }

        await GreetAsync(visitors[(Targets / 2)..]);

        // Nothing to wait for: it is the time itself that has to pass while it is asleep.
        await Task.Delay(BannerTimeout + TimeSpan.FromSeconds(1));
        scan.Signal(Processes.Continue);

        string found = await scan.LineAsync(line => line.StartsWith("FOUND", StringComparison.Ordinal));
        visitors.ForEach(visitor => visitor.Dispose());
        return found;
    }

    private static async Task GreetAsync(IEnumerable<Socket> visitors)
    {
        foreach (Socket visitor in visitors)
        {
            await visitor.SendAsync("hello\r\n"u8.ToArray(), SocketFlags.None);
        }
    }
}
