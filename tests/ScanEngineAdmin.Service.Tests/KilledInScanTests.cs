using System.Net;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Core.Pairing;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Scanning.Targets;
using ScanEngineAdmin.Storage;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Service.Tests;

/// <summary>Kill -9 in the middle of a scan: no result is lost, none is there twice.</summary>
public sealed class KilledInScanTests
{
    private const int Targets = 240;
    private const int PerSecond = 60;
    private const int AtOnce = 32;
    private const string EngineName = "lab-1";
    private static readonly TimeSpan Bound = HostProcess.Bound;
    private static readonly TimeSpan Held = TimeSpan.FromSeconds(30);

    [Theory, NeedsLinux]
    [InlineData(CommunicationDirection.ConsoleToEngine)]
    [InlineData(CommunicationDirection.EngineToConsole)]
    public async Task A_killed_console_gets_the_whole_scan_after_its_restart(CommunicationDirection direction)
    {
        await using var pair = await Pair.StartAsync(direction);
        ScanRecord scan = await pair.BeginScanAsync();

        await pair.Console.KillAsync();
        pair.Visits.Release();
        await pair.RestartAsync("console");

        ScanRecord done = await pair.AssertCompleteAsync(scan.ScanId);
        Assert.True(done.LastInterruption is ScanCause.LinkLost or ScanCause.None, $"{done.LastInterruption}");

        // The engine went on by itself all the time.
        Assert.All(pair.Visits.Counts, visited => Assert.Equal(1, visited.Value));
    }

    [Theory, NeedsLinux]
    [InlineData(CommunicationDirection.ConsoleToEngine)]
    [InlineData(CommunicationDirection.EngineToConsole)]
    public async Task A_killed_engine_finishes_the_scan_after_its_restart(CommunicationDirection direction)
    {
        await using var pair = await Pair.StartAsync(direction);
        ScanRecord scan = await pair.BeginScanAsync();

        await pair.Engine.KillAsync();
        pair.Visits.Release();
        await pair.UntilLinkLostAsync(scan.ScanId);
        await pair.RestartAsync("engine");

        ScanRecord done = await pair.AssertCompleteAsync(scan.ScanId);
        Assert.Equal((ScanCause.None, ScanCause.EngineRestarted), (done.Cause, done.LastInterruption));

        // What was found and not yet written down when it died is looked at once more, and nothing else.
        Assert.All(pair.Visits.Counts, visited => Assert.InRange(visited.Value, 1, 2));
        Assert.InRange(pair.Visits.Counts.Values.Count(count => count == 2), 0, Targets / 2);
    }

    [Theory, NeedsNmap]
    [InlineData(CommunicationDirection.ConsoleToEngine)]
    [InlineData(CommunicationDirection.EngineToConsole)]
    public async Task A_killed_engine_takes_nmap_along_and_finishes_after_its_restart(CommunicationDirection direction)
    {
        await using var pair = await Pair.StartAsync(direction);
        pair.AllowNmap();
        ScanRecord scan = await pair.BeginScanAsync(ScannerKind.Nmap);
        string ours = pair.Visits.OwnAddress[..(pair.Visits.OwnAddress.LastIndexOf('.') + 1)];
        await Until.TrueAsync(() => Processes.Running("/usr/bin/nmap", ours), "No nmap runs.");

        await pair.Engine.KillAsync();
        await Until.TrueAsync(() => !Processes.Running("/usr/bin/nmap", ours), "nmap outlives the engine.");
        pair.Visits.Release();
        await pair.UntilLinkLostAsync(scan.ScanId);
        await pair.RestartAsync("engine");

        ScanRecord done = await pair.AssertCompleteAsync(scan.ScanId);
        Assert.Equal((ScanCause.None, ScanCause.EngineRestarted), (done.Cause, done.LastInterruption));
    }

    /// <summary>A console and an engine on loopback, paired, with something to scan.</summary>
    internal sealed class Pair : IAsyncDisposable
    {
        private readonly TemporaryFolder _folder = new();
        private readonly ConsoleAdmin _consoleAdmin;
        private readonly EngineAdmin _engineAdmin;
        private readonly Dictionary<string, HostProcess> _running = [];
        private readonly Dictionary<string, IPEndPoint> _bound = [];
        private Guid _pairingId;

        private Pair()
        {
            var stores = new SqliteStoreProvider();
            _consoleAdmin = ConsoleAdmin.Open(DataFolder.Resolve(_folder.Path), stores);
            _engineAdmin = EngineAdmin.Open(DataFolder.Resolve(_folder.Path), stores);
        }

        public Visits Visits { get; } = new();

        public HostProcess Console => _running["console"];

        public HostProcess Engine => _running["engine"];

        public static async Task<Pair> StartAsync(CommunicationDirection direction)
        {
            var pair = new Pair();
            foreach (string role in new[] { "console", "engine" })
            {
                pair._bound[role] = new IPEndPoint(IPAddress.Parse(pair.Visits.OwnAddress), 0);
                pair.StartHost(role);
                pair._bound[role] = await pair._running[role].ListeningAsync(role);
            }

            using var bound = new CancellationTokenSource(Bound);
            IPEndPoint console = pair._bound["console"];
            IPEndPoint engine = pair._bound["engine"];
            var expires = TimeSpan.FromMinutes(5);
            if (direction == CommunicationDirection.ConsoleToEngine)
            {
                PairingSecret secret = pair._engineAdmin.CreateSecret(expires, EngineName, singleUse: true).Secret;
                await pair._consoleAdmin.RegisterEngineAsync(
                    EngineName, engine.Address.ToString(), engine.Port, secret, bound.Token);
            }
            else
            {
                PairingSecret secret = pair._consoleAdmin.CreateSecret(expires, EngineName, singleUse: true).Secret;
                await pair._engineAdmin.PairAsync(
                    console.Address.ToString(), console.Port, secret, EngineName, TimeSpan.FromSeconds(2), bound.Token);
            }

            pair._pairingId = pair._consoleAdmin.Store.FindEngine(EngineName)!.PairingId;
            return pair;
        }

        public void AllowNmap() => _engineAdmin.SetPolicy(new TargetPolicy { AllowNmap = true });

        /// <summary>Starts a scan of which some has arrived; the rest is held until the visits are released.</summary>
        public async Task<ScanRecord> BeginScanAsync(ScannerKind scanner = ScannerKind.Connect)
        {
            ScanRecord scan = _consoleAdmin.Scans.Add(_pairingId, new ScanRequest
            {
                Targets = [Visits.Targets(Targets)],
                Ports = $"{Visits.Port}",
                MaxRate = PerSecond,
                Parallelism = AtOnce,
                Scanner = scanner,

                // No port's time is over while it is held, nor before it is counted.
                Timeout = Held,
                BannerTimeout = Held,
            });
            var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            using var watching = new CancellationTokenSource(Bound);
            Task<ScanRecord> watch = _consoleAdmin.Scans.WaitAsync(
                scan.ScanId,
                Bound,
                now =>
                {
                    if (now.FindingCount > 0)
                    {
                        begun.TrySetResult();
                    }
                },
                watching.Token);
            await Task.WhenAny(begun.Task, watch);
            Assert.True(begun.Task.IsCompleted, Logs());
            await watching.CancelAsync();
            ScanRecord first = _consoleAdmin.Store.GetScan(scan.ScanId)!;
            Assert.True(first.State == ScanState.Running, $"The scan is {first.State} already.");
            return first;
        }

        public async Task RestartAsync(string role)
        {
            await _running[role].DisposeAsync();
            StartHost(role);
            await _running[role].EventAsync(role == "console" ? "ConsoleStarted" : "EngineStarted");
        }

        /// <summary>It says so while the engine is dead, and is still Running.</summary>
        public Task UntilLinkLostAsync(Guid scanId) => Until.TrueAsync(
            () => _consoleAdmin.Store.GetScan(scanId) is { State: ScanState.Running, Cause: ScanCause.LinkLost },
            $"The scan does not say that the link was lost.\n{Logs()}");

        public async Task<ScanRecord> AssertCompleteAsync(Guid scanId)
        {
            ScanRecord scan;
            try
            {
                scan = await _consoleAdmin.Scans.WaitAsync(scanId, Bound, null, CancellationToken.None);
            }
            catch (ScanEngineException exception)
            {
                throw new InvalidOperationException(Logs(), exception);
            }

            Assert.True(scan.State == ScanState.Completed, $"{scan.State}: {scan.Detail}\n{Logs()}");
            List<Finding> findings = [.. _consoleAdmin.Store.ReadFindings(scanId)];
            Assert.Equal((1, Targets, Targets), (scan.Attempt, scan.TargetsDone, scan.FindingCount));
            Assert.Equal(
                Enumerable.Range(0, Targets).Select(unit => (long)unit), findings.Select(finding => finding.Unit));
            Assert.All(findings, finding => Assert.Equal(PortState.Open, finding.State));
            Assert.Equal(Targets, Visits.Counts.Count);
            await Until.TrueAsync(
                () => _engineAdmin.Store.ListScans().Count == 0 && _engineAdmin.Store.SpooledBytes() == 0,
                $"The engine keeps a scan that is complete.\n{Logs()}");
            return scan;
        }

        public async ValueTask DisposeAsync()
        {
            foreach (HostProcess process in _running.Values)
            {
                await process.DisposeAsync();
            }

            _consoleAdmin.Dispose();
            _engineAdmin.Dispose();
            await Visits.DisposeAsync();
            _folder.Dispose();
        }

        private void StartHost(string role) =>
            _running[role] = HostProcess.Start(role, "--data", _folder.Path, "--listen", _bound[role].ToString());

        private string Logs() => string.Join(
            '\n', _running.Select(host => $"{host.Key}:\n{host.Value.Output}\n{host.Value.Error}"));
    }
}
