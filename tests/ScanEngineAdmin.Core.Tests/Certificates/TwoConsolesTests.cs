using System.Net;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Core.Certificates;
using ScanEngineAdmin.Core.Console;
using ScanEngineAdmin.Core.Pairing;
using ScanEngineAdmin.Core.Tests.EndToEnd;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Storage;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Certificates;

/// <summary>An engine with two consoles: one in either direction, and one that it polls.</summary>
[Trait("Speed", "Slow")]
public sealed class TwoConsolesTests
{
    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_certificate_goes_to_both_and_the_one_that_lags_is_waited_for(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        using var folder = new TemporaryFolder();
        DataFolder data = DataFolder.Resolve(folder.Path);
        var stores = new SqliteStoreProvider();
        using ConsoleAdmin admin = ConsoleAdmin.Open(data, stores);
        ConsoleNode second = await StartAsync(pair, data, stores);
        EngineRecord there = await PairAsync(pair, admin, second);
        var rotation = new Rotation(pair, NodeRole.Engine);
        Fingerprint old = rotation.Running;
        await second.DisposeAsync();

        Fingerprint next = rotation.Client.Prepare().New!.Value;
        CertificateReport one = await rotation.UntilAsync(report => report.Lagging.Count == 1);
        Assert.Equal([old, next], rotation.Pins);
        Assert.Equal([old], admin.Store.GetEngine(there.PairingId)!.Pins);
        Assert.Contains(one.Peers, peer => peer.State == CertificatePeerState.Acknowledged);

        rotation.Client.Switch(force: true);
        await rotation.UntilAsync(report => report.Lagging.Count == 1 && report.Peers.Any(Met));
        Assert.Throws<ScanEngineException>(rotation.Client.Finish);
        second = await StartAsync(pair, data, stores);
        try
        {
            await rotation.UntilAsync(report => report.Peers.All(Met));
            rotation.Client.Finish();
            await rotation.SettledAsync();
            Assert.Equal([next], rotation.Pins);
            Assert.Equal([next], admin.Store.GetEngine(there.PairingId)!.Pins);
            await pair.ActiveAsync();
            await admin.WaitEngineAsync(
                there.PairingId, now => now.Status == CommunicationStatus.Active, NodePair.Patience, null,
                CancellationToken.None);
        }
        finally
        {
            await second.DisposeAsync();
        }
    }

    private static bool Met(CertificatePeer peer) => peer.State == CertificatePeerState.Met;

    // Where it was before: an engine that polls it looks for it there. Nobody else is given a port of that address.
    private static async Task<ConsoleNode> StartAsync(NodePair pair, DataFolder data, SqliteStoreProvider stores)
    {
        string file = Path.Combine(data.Root, "endpoint");
        byte[] first = pair.ConsoleOptions.Listen.Address.GetAddressBytes();
        IPEndPoint there = File.Exists(file)
            ? IPEndPoint.Parse(await File.ReadAllTextAsync(file))
            : new IPEndPoint(new IPAddress([first[0], first[1], first[2], 9]), 0);
        ConsoleNode node = await ConsoleNode.StartAsync(
            data, stores, pair.ConsoleOptions with { Listen = there }, _ => { }, CancellationToken.None)
            .WaitAsync(NodePair.Patience);
        await File.WriteAllTextAsync(file, $"{node.EndPoint}");
        return node;
    }

    private static async Task<EngineRecord> PairAsync(NodePair pair, ConsoleAdmin admin, ConsoleNode node)
    {
        PairingSecret secret = admin.CreateSecret(TimeSpan.FromMinutes(5), "lab-2", singleUse: true).Secret;
        Guid pairingId = (await pair.Engine.PairAsync(
            node.EndPoint.Address.ToString(), node.EndPoint.Port, secret, "lab-2", TimeSpan.FromSeconds(1),
            CancellationToken.None)).PairingId;
        return await admin.WaitEngineAsync(
            pairingId, now => now.Status == CommunicationStatus.Active, NodePair.Patience, null,
            CancellationToken.None);
    }
}
