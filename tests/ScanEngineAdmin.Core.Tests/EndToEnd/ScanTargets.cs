using ScanEngineAdmin.Core.Tests.Scans;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Scanning.Plan;
using ScanEngineAdmin.Scanning.Ports;

namespace ScanEngineAdmin.Core.Tests.EndToEnd;

/// <summary>
/// Something to find, with the truth about it, and scans that take as long as a test needs. No port is told from
/// another by time: the silent one closes, and those that are held speak when the test lets them.
/// </summary>
internal sealed class ScanTargets : IDisposable
{
    private const string Banner = "220 ready\r\n";
    private static readonly TimeSpan BannerTimeout = TimeSpan.FromSeconds(30);

    /// <summary>Below the ports that tests are given, and without what this machine serves on any address.</summary>
    private static readonly Lazy<int[]> Closed = new(() => LoopbackHost.Free(Enumerable.Range(2000, 8000)));

    private readonly LoopbackHost _host = new();
    private readonly int _talking;
    private readonly int _silent;
    private readonly SortedList<int, TaskCompletionSource> _held = [];

    public ScanTargets()
    {
        // Asked for before a test begins to count on time: thousands of answers take a while under Wine.
        _ = Closed.Value;
        _talking = _host.Talking(Banner);
        _silent = _host.Talking(string.Empty);
        for (int i = 0; i < 6; i++)
        {
            var speak = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _held.Add(_host.Talking(Banner, speak.Task), speak);
        }
    }

    /// <summary>How many connections the scanner has open to ports that speak or are held.</summary>
    public int Open => _host.Open;

    /// <summary>Two open ports and some closed ones, as fast as it goes.</summary>
    public ScanRequest Short => Request(closed: 20, rate: 0);

    /// <summary>About as many seconds, in many small batches.</summary>
    public ScanRequest Lasting(double seconds) => Request((int)(seconds * 60), rate: 60);

    /// <summary>
    /// About as many seconds, one port at a time; then it waits at each of some open ports until the test lets it on,
    /// so that it is not over before.
    /// </summary>
    public ScanRequest Held(double seconds = 0.5) =>
        Request((int)(seconds * 60), rate: 60, _held.Keys) with { Parallelism = 1 };

    /// <summary>What is held may end.</summary>
    public void Release() => _held.Values.ToList().ForEach(speak => speak.TrySetResult());

    /// <summary>Lets what is held go on by one port, and waits until some of it has arrived.</summary>
    public async Task StepAsync(NodePair pair, ScanRecord scan)
    {
        long before = pair.Console.Store.GetScan(scan.ScanId)!.LastBatch;
        LetOneOn();
        await pair.UntilScanAsync(scan.ScanId, now => now.LastBatch > before);
    }

    public void LetOneOn() => Assert.Contains(_held.Values, speak => speak.TrySetResult());

    /// <summary>Every port exactly once, with what is true of it; what is held is let go.</summary>
    public Task<ScanRecord> CompletedAsync(NodePair pair, ScanRecord scan, string detail = "")
    {
        Release();
        return FoundAsync(pair, scan, detail);
    }

    public Task<ScanRecord> RunAsync(NodePair pair) =>
        FoundAsync(pair, pair.Console.Scans.Add(pair.PairingId, Short), string.Empty);

    /// <summary>Queues one that is not over before the test says so, and waits until some of it has arrived.</summary>
    public async Task<ScanRecord> HeldAsync(NodePair pair, double seconds = 0.5)
    {
        ScanRecord scan = pair.Console.Scans.Add(pair.PairingId, Held(seconds));
        ScanRecord now = await pair.UntilScanAsync(scan.ScanId, now => now.FindingCount > 0);
        Assert.Equal(ScanState.Running, now.State);
        return scan;
    }

    public void Dispose() => _host.Dispose();

    private async Task<ScanRecord> FoundAsync(NodePair pair, ScanRecord scan, string detail)
    {
        ScanRecord done = await pair.Console.Scans.WaitAsync(
            scan.ScanId, NodePair.Patience, null, CancellationToken.None);
        Assert.Equal((ScanState.Completed, detail), (done.State, done.Detail));
        List<Finding> findings = pair.Console.Store.ReadFindings(scan.ScanId).ToList();
        PortList ports = ScanPlan.Create(scan.Request).Ports;
        Assert.Equal(Enumerable.Range(0, ports.Count).Select(i => ports[i]), findings.Select(found => found.Port));
        Assert.Equal(ports.Count, done.FindingCount);
        List<Finding> open = findings.FindAll(found => found.State == PortState.Open);
        Assert.Equal(
            new[] { _silent, _talking }.Concat(_held.Keys.Where(ports.Contains)).Order(),
            open.Select(found => found.Port));
        Assert.All(open, found => Assert.Contains(found.Banner?[..9], Banners(done, found.Port)));
        Assert.All(
            findings.Except(open), found => Assert.Equal(PortState.Closed, found.State));

        // The engine has nothing left to say about it.
        await pair.UntilEngineStoreAsync(
            () => pair.Engine.Store.ListScans(pair.PairingId), left => left.All(other => other.ScanId != scan.ScanId));
        return done;
    }

    /// <summary>A stop does not hear a port out, and no scan hears one out for longer than it may.</summary>
    private string?[] Banners(ScanRecord done, int port) =>
        port == _silent ? [null]
        : _held.ContainsKey(port)
            && (done.LastInterruption == ScanCause.StoppedByUser || done.Finished - done.Started >= BannerTimeout)
            ? [null, Banner[..9]]
        : [Banner[..9]];


    private ScanRequest Request(int closed, int rate, params IEnumerable<int> held) => new()
    {
        Targets = [_host.Name],
        Ports = string.Join(',', Closed.Value.Take(closed).Concat(held.Append(_silent).Append(_talking).Order())),
        MaxRate = rate,
        Parallelism = 8,
        Timeout = TimeSpan.FromSeconds(30),
        BannerTimeout = BannerTimeout,
    };
}
