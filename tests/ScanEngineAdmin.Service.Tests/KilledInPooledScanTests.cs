using System.Net;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Core.Pairing;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Storage;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Service.Tests;

/// <summary>
/// Kill -9 of an engine or of the console in the middle of a scan that two engines share: each finding is there once,
/// and what was given away is not lost with the process.
/// </summary>
[Trait("Speed", "Slow")]
public sealed class KilledInPooledScanTests : IAsyncDisposable
{
    private const int Targets = 120;
    private static readonly TimeSpan Bound = HostProcess.Bound;
    private readonly TemporaryFolder _folder = new();
    private readonly Visits _visits = new();
    private readonly Dictionary<string, (HostProcess Process, IPEndPoint At)> _hosts = [];
    private readonly ConsoleAdmin _console;

    public KilledInPooledScanTests() =>
        _console = ConsoleAdmin.Open(DataFolder.Resolve(_folder.Below("console")), new SqliteStoreProvider());

    [Theory, NeedsLinux]
    [InlineData(CommunicationDirection.ConsoleToEngine, "console")]
    [InlineData(CommunicationDirection.EngineToConsole, "console")]
    [InlineData(CommunicationDirection.ConsoleToEngine, "engine-1")]
    [InlineData(CommunicationDirection.EngineToConsole, "engine-1")]
    public async Task Whoever_is_killed_each_finding_is_there_once(CommunicationDirection way, string killed)
    {
        await StartAsync("console");
        Guid[] members = [await PairAsync("engine-1", way), await PairAsync("engine-2", Other(way))];
        ScanRecord scan = _console.Scans.AddToPool(_console.Pools.Add("all", members), new ScanRequest
        {
            Targets = [_visits.Targets(Targets)],
            Ports = $"{_visits.Port}",
            MaxRate = 30,
            Timeout = TimeSpan.FromSeconds(30),
            BannerTimeout = TimeSpan.FromSeconds(30),
        });
        // Held until then: the other engine cannot do everything before this one has come.
        await Until.TrueAsync(
            () => Parts(scan).Any(part => part.EngineName == "engine-1" && part.State == ScanState.Running),
            "The engine was given no part.");
        _visits.Release();

        await _hosts[killed].Process.KillAsync();
        await StartAsync(killed);

        ScanRecord done = await _console.Scans.WaitAsync(scan.ScanId, Bound, null, CancellationToken.None);
        Assert.True(done.State == ScanState.Completed, $"{done.State}: {done.Detail}");
        Assert.Equal(
            Enumerable.Range(0, Targets).Select(unit => (long)unit),
            _console.Store.ReadFindings(scan.ScanId).Select(finding => finding.Unit));
        Assert.Equal((Targets, Targets), (done.TargetsDone, done.FindingCount));

        // A killed engine looks once more at what it had not written down; a killed console makes nobody do so.
        Assert.All(_visits.Counts, visited => Assert.InRange(visited.Value, 1, killed == "console" ? 1 : 2));
    }

    public async ValueTask DisposeAsync()
    {
        foreach ((HostProcess process, _) in _hosts.Values)
        {
            await process.DisposeAsync();
        }

        _console.Dispose();
        await _visits.DisposeAsync();
        _folder.Dispose();
    }

    private static CommunicationDirection Other(CommunicationDirection way) =>
        way == CommunicationDirection.ConsoleToEngine
            ? CommunicationDirection.EngineToConsole
            : CommunicationDirection.ConsoleToEngine;

    private IReadOnlyList<ScanPart> Parts(ScanRecord scan) => _console.Store.GetPoolView(scan.ScanId)!.Parts;

    private async Task<Guid> PairAsync(string name, CommunicationDirection way)
    {
        using EngineAdmin engine = EngineAdmin.Open(DataFolder.Resolve(_folder.Below(name)), new SqliteStoreProvider());
        await StartAsync(name);
        using var bound = new CancellationTokenSource(Bound);
        var expires = TimeSpan.FromMinutes(5);
        IPEndPoint at = _hosts[way == CommunicationDirection.ConsoleToEngine ? name : "console"].At;
        if (way == CommunicationDirection.ConsoleToEngine)
        {
            PairingSecret secret = engine.CreateSecret(expires, name, singleUse: true).Secret;
            await _console.RegisterEngineAsync(name, $"{at.Address}", at.Port, secret, bound.Token);
        }
        else
        {
            PairingSecret secret = _console.CreateSecret(expires, name, singleUse: true).Secret;
            await engine.PairAsync($"{at.Address}", at.Port, secret, name, TimeSpan.FromSeconds(2), bound.Token);
        }

        return _console.Store.FindEngine(name)!.PairingId;
    }

    private async Task StartAsync(string name)
    {
        string role = name == "console" ? "console" : "engine";
        bool again = _hosts.TryGetValue(name, out (HostProcess Process, IPEndPoint At) before);
        if (again)
        {
            await before.Process.DisposeAsync();
        }

        IPEndPoint at = again ? before.At : new IPEndPoint(IPAddress.Parse(_visits.OwnAddress), 0);
        HostProcess process = HostProcess.Start(role, "--data", _folder.Below(name), "--listen", at.ToString());
        _hosts[name] = (process, again ? at : await process.ListeningAsync(role));
        if (again)
        {
            await process.EventAsync(role == "console" ? "ConsoleStarted" : "EngineStarted");
        }
    }
}
