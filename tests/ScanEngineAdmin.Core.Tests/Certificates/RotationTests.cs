using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Certificates;
using ScanEngineAdmin.Core.Tests.EndToEnd;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Scans;

namespace ScanEngineAdmin.Core.Tests.Certificates;

[Trait("Speed", "Slow")]
public sealed class RotationTests
{
    [Theory, MemberData(nameof(Rotation.All), MemberType = typeof(Rotation))]
    public async Task A_certificate_is_replaced_while_both_run(CommunicationDirection way, NodeRole who)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        var rotation = new Rotation(pair, who);
        Fingerprint old = rotation.Running;

        CertificateReport prepared = await rotation.PreparedAsync();
        Fingerprint next = prepared.New!.Value;
        Assert.Equal((CertificatePhase.Prepared, old), (prepared.Phase, prepared.Fingerprint));
        Assert.Equal([old, next], rotation.Pins);
        Assert.Equal(old, rotation.Running);

        CertificateReport switched = await rotation.SwitchedAsync();
        Assert.Equal((CertificatePhase.Switched, next), (switched.Phase, switched.Fingerprint));
        Assert.Equal(CertificatePeerState.Met, Assert.Single(switched.Peers).State);
        Assert.Equal(next, rotation.Running);
        Assert.Equal([old, next], rotation.Pins);

        rotation.Client.Finish();
        CertificateReport settled = await rotation.SettledAsync();
        Assert.Equal(next, settled.Fingerprint);
        Assert.Equal([next], rotation.Pins);
        Assert.Equal(next, IdentityFile.ReadFingerprint(rotation.Folder));
        Assert.False(File.Exists(Path.Combine(rotation.Folder, "next.key")));
        await rotation.WellAsync();
        Assert.Equal(
            [
                "CertificatePrepared", "CertificateAcknowledged", "CertificateSwitched", "CertificateFinishing",
                "CertificateFinished",
            ],
            rotation.OwnEvents);
        Assert.Equal(["PeerCertificateAnnounced", "PeerCertificateSettled"], rotation.PeerEvents);
    }

    [Theory, MemberData(nameof(Rotation.All), MemberType = typeof(Rotation))]
    public async Task A_scan_goes_on_while_the_certificate_is_replaced(CommunicationDirection way, NodeRole who)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        var rotation = new Rotation(pair, who);
        using var targets = new ScanTargets();
        ScanRecord scan = await targets.HeldAsync(pair);

        await rotation.SwitchedAsync();
        rotation.Client.Finish();
        await rotation.SettledAsync();

        Assert.Equal(1, (await targets.CompletedAsync(pair, scan)).Attempt);
    }

    [Theory, MemberData(nameof(Rotation.All), MemberType = typeof(Rotation))]
    public async Task What_is_prepared_can_be_rolled_back(CommunicationDirection way, NodeRole who)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        var rotation = new Rotation(pair, who);
        Fingerprint old = rotation.Running;
        await rotation.PreparedAsync();

        rotation.Client.RollBack();
        CertificateReport settled = await rotation.SettledAsync();

        Assert.Equal(old, settled.Fingerprint);
        Assert.Equal([old], rotation.Pins);
        Assert.False(File.Exists(Path.Combine(rotation.Folder, "next.key")));
        Assert.Equal("CertificateRolledBack", rotation.OwnEvents[^1]);
        await rotation.WellAsync();
    }

    [Theory, MemberData(nameof(Rotation.All), MemberType = typeof(Rotation))]
    public async Task What_is_in_use_can_be_rolled_back_and_begun_anew(CommunicationDirection way, NodeRole who)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        var rotation = new Rotation(pair, who);
        Fingerprint old = rotation.Running;
        Fingerprint dropped = (await rotation.SwitchedAsync()).New!.Value;

        rotation.Client.RollBack();
        await rotation.SettledAsync();
        Assert.Equal([old], rotation.Pins);
        Assert.Equal(old, rotation.Running);

        Fingerprint next = (await rotation.SwitchedAsync()).New!.Value;
        Assert.NotEqual(dropped, next);
        rotation.Client.Finish();
        await rotation.SettledAsync();
        Assert.Equal([next], rotation.Pins);
        await rotation.WellAsync();
    }

    [Theory, MemberData(nameof(Rotation.All), MemberType = typeof(Rotation))]
    public async Task Both_may_be_stopped_between_any_two_phases(CommunicationDirection way, NodeRole who)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        var rotation = new Rotation(pair, who);

        await rotation.StopAsync();
        rotation.Client.Prepare();
        await rotation.StartAsync();
        await rotation.PreparedAsync();
        await rotation.StopPeerAsync();
        await rotation.StopAsync();
        rotation.Client.Switch(force: false);
        await rotation.StartAsync();
        await rotation.StartPeerAsync();
        CertificateReport switched = await rotation.UntilAsync(report => report.Lagging.Count == 0);
        await rotation.StopAsync();
        rotation.Client.Finish();
        await rotation.StartAsync();

        Assert.Equal(switched.New, (await rotation.SettledAsync()).Fingerprint);
        Assert.Equal([switched.New!.Value], rotation.Pins);
        await rotation.WellAsync();
    }

    [Theory, MemberData(nameof(Rotation.All), MemberType = typeof(Rotation))]
    public async Task An_acknowledgement_that_was_lost_is_asked_for_again(CommunicationDirection way, NodeRole who)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        var rotation = new Rotation(pair, who);
        await rotation.PreparedAsync();
        await rotation.StopAsync();

        // Killed after the peer had taken it up, before its answer was written down.
        RotationProgress progress = new(who == NodeRole.Console ? pair.Console.Store : pair.Engine.Store);
        CertificateRotation current = RotationFiles.Read(rotation.Folder)!;
        progress.Save(pair.PairingId, new PeerProgress { RotationId = current.RotationId, Informed = true });
        await rotation.StartAsync();

        await rotation.SwitchedAsync();
        rotation.Client.RollBack();
        await rotation.SettledAsync();
        Assert.Equal([current.Old], rotation.Pins);
        await rotation.WellAsync();
    }

    [Theory, MemberData(nameof(Rotation.All), MemberType = typeof(Rotation))]
    public async Task A_peer_that_lags_is_named_served_and_waited_for(CommunicationDirection way, NodeRole who)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        var rotation = new Rotation(pair, who);
        Fingerprint old = rotation.Running;
        await rotation.StopPeerAsync();
        CertificateReport prepared = rotation.Client.Prepare();

        CertificatePeer lagging = Assert.Single(prepared.Lagging);
        Assert.Equal(CertificatePeerState.Waiting, lagging.State);
        Assert.NotNull(lagging.LastContact);
        ScanEngineException refused = Assert.Throws<ScanEngineException>(() => rotation.Client.Switch(force: false));
        Assert.Equal(FaultCode.CertificatePeersLag, refused.Code);
        Assert.Contains(lagging.Name, refused.Message, StringComparison.Ordinal);
        Assert.Equal(CertificatePhase.Prepared, rotation.Client.Describe().Phase);

        rotation.Client.Switch(force: true);
        Assert.Equal(
            FaultCode.CertificatePeersLag, Assert.Throws<ScanEngineException>(rotation.Client.Finish).Code);
        Assert.Equal([old], rotation.Pins);
        Assert.Equal(old, ShownTo(pair, rotation));

        // It knows the old one only, is shown that, and comes to know and to meet the new one.
        await rotation.StartPeerAsync();
        await rotation.UntilAsync(report => report.Lagging.Count == 0);
        Assert.Equal(rotation.Running, ShownTo(pair, rotation));
        rotation.Client.Finish();
        await rotation.SettledAsync();
        Assert.Equal([rotation.Running], rotation.Pins);
        await rotation.WellAsync();
    }

    [Fact]
    public async Task From_the_end_there_is_no_way_back_and_no_phase_is_skipped()
    {
        await using NodePair pair = await NodePair.ActiveAsync(CommunicationDirection.EngineToConsole);
        var rotation = new Rotation(pair, NodeRole.Console);
        Assert.Equal(FaultCode.CertificatePhaseInvalid, Fault(() => rotation.Client.RollBack()));
        Assert.Equal(FaultCode.CertificatePhaseInvalid, Fault(() => rotation.Client.Finish()));
        await rotation.PreparedAsync();
        Assert.Equal(FaultCode.CertificatePhaseInvalid, Fault(() => rotation.Client.Finish()));
        await rotation.SwitchedAsync();
        await rotation.StopPeerAsync();
        Assert.Equal(CertificatePhase.Finishing, rotation.Client.Finish().Phase);

        Assert.Equal(FaultCode.CertificatePhaseInvalid, Fault(() => rotation.Client.RollBack()));

        Assert.Equal(CertificatePhase.Finishing, rotation.Client.Describe().Phase);
        await rotation.StartPeerAsync();
        await rotation.SettledAsync();
    }

    [Theory]
    [InlineData(NodeRole.Console)]
    [InlineData(NodeRole.Engine)]
    public async Task A_node_without_peers_replaces_it_at_once_though_it_does_not_run(NodeRole who)
    {
        await using NodePair pair = await NodePair.StartAsync();
        var rotation = new Rotation(pair, who);
        Fingerprint old = rotation.Running;
        await rotation.StopAsync();

        rotation.Client.Prepare();
        rotation.Client.Switch(force: false);
        CertificateReport report = rotation.Client.Finish();

        Assert.Equal(CertificatePhase.Settled, report.Phase);
        Assert.NotEqual(old, report.Fingerprint);
        await rotation.StartAsync();
        Assert.Equal(report.Fingerprint, rotation.Running);
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task Both_sides_may_replace_theirs_at_the_same_time(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        var console = new Rotation(pair, NodeRole.Console);
        var engine = new Rotation(pair, NodeRole.Engine);

        await Task.WhenAll(console.SwitchedAsync(), engine.SwitchedAsync());
        console.Client.Finish();
        engine.Client.Finish();
        await Task.WhenAll(console.SettledAsync(), engine.SettledAsync());

        Assert.Equal([console.Running], console.Pins);
        Assert.Equal([engine.Running], engine.Pins);
        await console.WellAsync();
    }

    private static Fingerprint ShownTo(NodePair pair, Rotation rotation)
    {
        using ShownKeys keys = rotation.Client.LoadKeys();
        return keys.For(pair.PairingId).Fingerprint;
    }

    private static FaultCode Fault(Action step) => Assert.Throws<ScanEngineException>(step).Code;
}
