using System.Net.NetworkInformation;
using ScanEngineAdmin.Core.Scans;
using ScanEngineAdmin.Core.Tests.Scans;

namespace ScanEngineAdmin.Core.Tests.EndToEnd;

/// <summary>Something to find, with the truth about it, and scans that take as long as a test needs.</summary>
internal sealed class ScanTargets : IDisposable
{
    private readonly LoopbackHost _host = new();
    private readonly int _talking;
    private readonly int _silent;

    public ScanTargets()
    {
        _talking = _host.Talking("220 ready\r\n");
        _silent = _host.Silent();
    }

    /// <summary>Two open ports and some closed ones, as fast as it goes.</summary>
    public ScanRequest Short => Request(closed: 20, rate: 0);

    /// <summary>About as many seconds, in many small batches.</summary>
    public ScanRequest Lasting(double seconds) => Request((int)(seconds * 60), rate: 60);

    /// <summary>Every port exactly once, with what is true of it.</summary>
    public async Task<ScanRecord> CompletedAsync(NodePair pair, ScanRecord scan, string detail = "")
    {
        ScanRecord done = await pair.Console.WaitScanAsync(
            scan.ScanId, NodePair.Patience, null, CancellationToken.None);
        Assert.Equal((ScanState.Completed, detail), (done.State, done.Detail));
        List<Finding> findings = pair.Console.Store.ReadFindings(scan.ScanId).ToList();
        PortList ports = ScanPlan.Create(scan.Request).Ports;
        Assert.Equal(Enumerable.Range(0, ports.Count).Select(i => ports[i]), findings.Select(found => found.Port));
        Assert.Equal(ports.Count, done.FindingCount);
        Assert.Equal(
            new[] { (_silent, (string?)null), (_talking, "220 ready") }.Order(),
            findings.Where(found => found.State == PortState.Open)
                .Select(found => (found.Port, found.Banner?[..9])).Order());
        Assert.All(
            findings.Where(found => found.Port != _silent && found.Port != _talking),
            found => Assert.Equal(PortState.Closed, found.State));

        // The engine has nothing left to say about it.
        await pair.UntilEngineStoreAsync(
            () => pair.Engine.Store.ListScans(pair.PairingId), left => left.All(other => other.ScanId != scan.ScanId));
        return done;
    }

    public Task<ScanRecord> RunAsync(NodePair pair) =>
        CompletedAsync(pair, pair.Console.QueueScan(pair.PairingId, Short));

    /// <summary>Queues one that lasts, and waits until some of it has arrived and most has not.</summary>
    public async Task<ScanRecord> UnderWayAsync(NodePair pair, double seconds)
    {
        ScanRecord scan = pair.Console.QueueScan(pair.PairingId, Lasting(seconds));
        await pair.UntilScanAsync(scan.ScanId, now => now.FindingCount > 0);
        ScanRecord now = pair.Console.Store.GetScan(scan.ScanId)!;
        Assert.Equal(ScanState.Running, now.State);
        return scan;
    }

    public void Dispose() => _host.Dispose();

    /// <summary>Below the ports that tests are given, and without what this machine serves on any address.</summary>
    private static IEnumerable<int> Closed() => Enumerable.Range(2000, 8000).Except(
        IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Select(endPoint => endPoint.Port));

    private ScanRequest Request(int closed, int rate) => new()
    {
        Targets = [_host.Name],
        Ports = string.Join(
            ',', Closed().Take(closed).Concat(new[] { _silent, _talking }.Order())),
        MaxRate = rate,
        Parallelism = 8,
        Timeout = TimeSpan.FromSeconds(5),
        BannerTimeout = TimeSpan.FromMilliseconds(300),
    };
}
