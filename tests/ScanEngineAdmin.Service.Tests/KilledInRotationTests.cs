using System.Net;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Core.Certificates;
using ScanEngineAdmin.Core.Pairing;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Storage;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Service.Tests;

/// <summary>Kill -9 of both nodes in every phase of the replacement of a certificate.</summary>
public sealed class KilledInRotationTests : IAsyncDisposable
{
    private const string EngineName = "lab-1";
    private static readonly TimeSpan Bound = HostProcess.Bound;

    private readonly TemporaryFolder _folder = new();
    private readonly ConsoleAdmin _console;
    private readonly EngineAdmin _engine;
    private readonly Dictionary<string, HostProcess> _running = [];
    private readonly Dictionary<string, IPEndPoint> _bound = [];
    private readonly IPEndPoint _any = IPEndPoint.Parse(OwnNetwork.AnyPort());

    public KilledInRotationTests()
    {
        var stores = new SqliteStoreProvider();
        _console = ConsoleAdmin.Open(DataFolder.Resolve(_folder.Path), stores);
        _engine = EngineAdmin.Open(DataFolder.Resolve(_folder.Path), stores);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (HostProcess process in _running.Values)
        {
            await process.DisposeAsync();
        }

        _console.Dispose();
        _engine.Dispose();
        _folder.Dispose();
    }

    [Theory, NeedsLinux]
    [InlineData(CommunicationDirection.ConsoleToEngine, "engine")]
    [InlineData(CommunicationDirection.ConsoleToEngine, "console")]
    [InlineData(CommunicationDirection.EngineToConsole, "engine")]
    [InlineData(CommunicationDirection.EngineToConsole, "console")]
    public async Task It_goes_on_where_it_was_and_ends_as_it_should(CommunicationDirection direction, string who)
    {
        await StartAsync(direction);
        CertificateAdmin client = who == "console" ? _console.Certificate : _engine.Certificate;
        string other = who == "console" ? "engine" : "console";

        Fingerprint next = client.Prepare().New!.Value;
        await KillAsync(who);
        await UntilAsync(client, report => report.Lagging.Count == 0);
        await KillAsync(other);
        client.Switch(force: true);
        await KillAsync(who);
        await UntilAsync(client, report => report.Lagging.Count == 0);
        client.Finish();
        await KillAsync(who);
        await KillAsync(other);
        CertificateReport settled = await UntilAsync(client, report => report.Phase == CertificatePhase.Settled);

        Assert.Equal(next, settled.Fingerprint);
        EngineRecord engine = _console.Store.FindEngine(EngineName)!;
        Assert.Equal([next], who == "engine" ? engine.Pins : Assert.Single(_engine.Store.ListConsoles()).Pins);
        await _console.WaitEngineAsync(
            engine.PairingId, now => now.Status == CommunicationStatus.Active, Bound, null, CancellationToken.None);
    }

    private async Task StartAsync(CommunicationDirection direction)
    {
        foreach (string role in new[] { "console", "engine" })
        {
            _bound[role] = _any;
            StartHost(role);
            _bound[role] = await _running[role].ListeningAsync(role);
        }

        using var bound = new CancellationTokenSource(Bound);
        var expires = TimeSpan.FromMinutes(5);
        if (direction == CommunicationDirection.ConsoleToEngine)
        {
            PairingSecret secret = _engine.CreateSecret(expires, EngineName, singleUse: true).Secret;
            await _console.RegisterEngineAsync(
                EngineName, $"{_bound["engine"].Address}", _bound["engine"].Port, secret, bound.Token);
        }
        else
        {
            PairingSecret secret = _console.CreateSecret(expires, EngineName, singleUse: true).Secret;
            await _engine.PairAsync(
                $"{_bound["console"].Address}", _bound["console"].Port, secret, EngineName, TimeSpan.FromSeconds(1),
                bound.Token);
        }
    }

    private async Task KillAsync(string role)
    {
        await _running[role].KillAsync();
        await _running[role].DisposeAsync();
        StartHost(role);
        await _running[role].EventAsync(role == "console" ? "ConsoleStarted" : "EngineStarted");
    }

    private void StartHost(string role) =>
        _running[role] = HostProcess.Start(role, "--data", _folder.Path, "--listen", _bound[role].ToString());

    private async Task<CertificateReport> UntilAsync(CertificateAdmin client, Func<CertificateReport, bool> until)
    {
        CertificateReport last = await client.WatchAsync(until, Bound, null, CancellationToken.None);
        string logs = string.Join('\n', _running.Values.Select(host => $"{host.Output}\n{host.Error}"));
        Assert.True(until(last), $"It stays {last.Phase}: {string.Join("; ", last.Peers)}\n{logs}");
        return last;
    }
}
