using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Certificates;
using ScanEngineAdmin.Core.Pairing;
using ScanEngineAdmin.Core.Tests.EndToEnd;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Faults;

namespace ScanEngineAdmin.Core.Tests.Certificates;

/// <summary>Pairings that are made while a certificate is being replaced.</summary>
[Trait("Speed", "Slow")]
public sealed class PairingMeanwhileTests
{
    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_secret_made_before_the_switch_pairs_after_it(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.StartAsync();
        var rotation = new Rotation(pair, Maker(way));
        Fingerprint old = rotation.Running;
        PairingSecret secret = Make(pair, way);
        await rotation.SwitchedAsync();

        await UseAsync(pair, way, secret);
        await pair.ActiveAsync();
        CertificateReport met = await rotation.UntilAsync(now => now.Peers is [{ State: CertificatePeerState.Met }]);

        Assert.Equal([old, met.New!.Value], rotation.Pins);
        rotation.Client.Finish();
        await rotation.SettledAsync();
        await rotation.WellAsync();
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_secret_that_names_a_destroyed_key_is_revoked_and_pairs_nobody(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.StartAsync();
        var rotation = new Rotation(pair, Maker(way));
        PairingSecret secret = Make(pair, way);
        await rotation.SwitchedAsync();
        PairingSecret later = Make(pair, way);
        rotation.Client.Finish();
        await rotation.SettledAsync();

        ScanEngineException refused = await Assert.ThrowsAsync<ScanEngineException>(() => UseAsync(pair, way, secret));

        Assert.Equal(FaultCode.PeerNotTrusted, refused.Code);
        Assert.Contains("with a new key", refused.Message, StringComparison.Ordinal);
        await UseAsync(pair, way, later);
        await pair.ActiveAsync();
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task Whoever_was_paired_after_the_switch_survives_a_rollback(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.StartAsync();
        var rotation = new Rotation(pair, Maker(way));
        Fingerprint old = rotation.Running;
        Fingerprint next = (await rotation.SwitchedAsync()).New!.Value;
        await UseAsync(pair, way, Make(pair, way));
        await pair.ActiveAsync();
        Assert.Equal([next], rotation.Pins);

        rotation.Client.RollBack();
        await rotation.SettledAsync();

        Assert.Equal([old], rotation.Pins);
        await pair.ActiveAsync();
    }

    [Fact]
    public async Task A_pairing_that_waits_for_approval_goes_on_with_the_key_it_began_with_and_holds_the_end_up()
    {
        await using NodePair pair = await NodePair.StartAsync();
        var rotation = new Rotation(pair, NodeRole.Console);
        Fingerprint old = rotation.Running;
        pair.Is(pair.Console.RegisterEngine(
            NodePair.Name, pair.ToEngine.Host, pair.ToEngine.EndPoint.Port, pair.EngineNode!.Fingerprint).PairingId);
        await pair.UntilEngineStoreAsync(pair.Engine.Store.ListConsoles, all => all.Count == 1);
        await rotation.PreparedAsync();
        rotation.Client.Switch(force: false);

        CertificatePeer lagging = Assert.Single(rotation.Client.Describe().Lagging);
        Assert.Equal(CertificatePeerState.PairingUnderWay, lagging.State);
        Assert.Equal(
            FaultCode.CertificatePeersLag, Assert.Throws<ScanEngineException>(rotation.Client.Finish).Code);

        ConsoleRecord pending = Assert.Single(pair.Engine.Store.ListConsoles());
        Assert.Equal([old], pending.Pins);
        pair.Engine.ApproveConsole(pending.PairingId, old);
        await pair.ActiveAsync();
        await rotation.UntilAsync(now => now.Lagging.Count == 0);
        rotation.Client.Finish();
        await rotation.SettledAsync();
        Assert.Equal([rotation.Running], rotation.Pins);
        await rotation.WellAsync();
    }

    // Who is dialled makes the secret.
    private static NodeRole Maker(CommunicationDirection way) =>
        way == CommunicationDirection.ConsoleToEngine ? NodeRole.Engine : NodeRole.Console;

    private static PairingSecret Make(NodePair pair, CommunicationDirection way) =>
        way == CommunicationDirection.ConsoleToEngine
            ? pair.Engine.CreateSecret(TimeSpan.FromMinutes(5), NodePair.Name, singleUse: true).Secret
            : pair.Console.CreateSecret(TimeSpan.FromMinutes(5), NodePair.Name, singleUse: true).Secret;

    private static async Task UseAsync(NodePair pair, CommunicationDirection way, PairingSecret secret)
    {
        if (way == CommunicationDirection.ConsoleToEngine)
        {
            pair.Is((await pair.Console.RegisterEngineAsync(
                NodePair.Name, pair.ToEngine.Host, pair.ToEngine.EndPoint.Port, secret, CancellationToken.None))
                .PairingId);
        }
        else
        {
            pair.Is((await pair.Engine.PairAsync(
                pair.ToConsole.Host, pair.ToConsole.EndPoint.Port, secret, NodePair.Name, TimeSpan.FromSeconds(1),
                CancellationToken.None)).PairingId);
        }
    }
}
