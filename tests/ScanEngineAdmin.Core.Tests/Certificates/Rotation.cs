using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Core.Certificates;
using ScanEngineAdmin.Core.Tests.EndToEnd;
using ScanEngineAdmin.Domain.Directions;

namespace ScanEngineAdmin.Core.Tests.Certificates;

/// <summary>A pair of which one side replaces its certificate.</summary>
internal sealed class Rotation(NodePair pair, NodeRole who)
{
    /// <summary>Who dials whom, and who replaces its certificate: what works one way has to work each way.</summary>
    public static TheoryData<CommunicationDirection, NodeRole> All { get; } = new()
    {
        { CommunicationDirection.ConsoleToEngine, NodeRole.Console },
        { CommunicationDirection.ConsoleToEngine, NodeRole.Engine },
        { CommunicationDirection.EngineToConsole, NodeRole.Console },
        { CommunicationDirection.EngineToConsole, NodeRole.Engine },
    };

    public CertificateAdmin Client => who == NodeRole.Console ? pair.Console.Certificate : pair.Engine.Certificate;

    public string Folder => who == NodeRole.Console ? pair.ConsoleFolder.Console : pair.EngineFolder.Engine;

    /// <summary>What the other side lets in.</summary>
    public IReadOnlyList<Fingerprint> Pins => who == NodeRole.Console ? pair.AtEngine.Pins : pair.AtConsole.Pins;

    public Fingerprint Running =>
        who == NodeRole.Console ? pair.ConsoleNode!.Fingerprint : pair.EngineNode!.Fingerprint;

    public string[] OwnEvents => Events(who);

    public string[] PeerEvents => Events(Other);

    private NodeRole Other => who == NodeRole.Console ? NodeRole.Engine : NodeRole.Console;

    public async Task<CertificateReport> PreparedAsync()
    {
        Client.Prepare();
        return await UntilAsync(report => report.Lagging.Count == 0);
    }

    public async Task<CertificateReport> SwitchedAsync()
    {
        await PreparedAsync();
        Client.Switch(force: false);

        // The phase is written at once; without peers nothing else tells that the running node has taken it up.
        await pair.LoggedAsync("CertificateSwitched");
        return await UntilAsync(report => report.Lagging.Count == 0);
    }

    /// <summary>
    /// The running node notes it after the files say so: it has taken it up then. The other side's replacement may be
    /// noted after it.
    /// </summary>
    public async Task<CertificateReport> SettledAsync()
    {
        CertificateReport settled = await UntilAsync(report => report.Phase == CertificatePhase.Settled);
        await pair.UntilEngineStoreAsync(
            () => OwnEvents,
            all => all.Last(name => !name.StartsWith("Peer", StringComparison.Ordinal))
                is "CertificateFinished" or "CertificateRolledBack");
        return settled;
    }

    public async Task<CertificateReport> UntilAsync(Func<CertificateReport, bool> until)
    {
        CertificateReport last = await Client.WatchAsync(until, NodePair.Patience, null, CancellationToken.None);
        return until(last)
            ? last
            : throw new TimeoutException(
                $"It stays {last.Phase}: {string.Join("; ", last.Peers)}\n"
                    + string.Join('\n', pair.Log.TakeLast(25).Select(line => $"{line.Event} {line.Message}")));
    }

    public Task StopAsync() => StopAsync(who);

    public Task StartAsync() => StartAsync(who);

    public Task StopPeerAsync() => StopAsync(Other);

    public Task StartPeerAsync() => StartAsync(Other);

    /// <summary>Nobody was turned away, and the two work with each other.</summary>
    public async Task WellAsync()
    {
        Assert.DoesNotContain(pair.Log, line => line.Event is "PeerRefused" or "IdentityTwice" or "PairingEnded");
        await pair.ActiveAsync();
        using var targets = new ScanTargets();
        await targets.RunAsync(pair);
    }

    private Task StopAsync(NodeRole role) =>
        role == NodeRole.Console ? pair.StopConsoleAsync() : pair.StopEngineAsync();

    private Task StartAsync(NodeRole role) =>
        role == NodeRole.Console ? pair.StartConsoleAsync() : pair.StartEngineAsync();

    private string[] Events(NodeRole role) => (role == NodeRole.Console
            ? pair.Console.Store.ListEvents(200)
            : pair.Engine.Store.ListEvents(200))
        .Select(one => one.Event).Where(name => name.Contains("Certificate", StringComparison.Ordinal))
        .Reverse().ToArray();
}
