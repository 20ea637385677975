using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Backup;
using ScanEngineAdmin.Core.Certificates;
using ScanEngineAdmin.Core.Diagnosis;
using ScanEngineAdmin.Core.Tests.EndToEnd;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Storage;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Backup;

/// <summary>
/// What an admin's session dials in the name of a console that was imported is that console, and no old copy.
/// </summary>
[Trait("Speed", "Slow")]
public sealed class MovedConsoleProbeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_test_of_a_standard_engine_makes_its_round_trip()
    {
        await using NodePair pair = await MovedAsync(CommunicationDirection.ConsoleToEngine);
        using ShownKeys keys = pair.Console.Certificate.LoadKeys();

        FirewallTestResult result = await pair.Console.TestFirewallAsync(
            new FirewallTestRequest
            {
                EngineName = NodePair.Name,
                Direction = CommunicationDirection.ConsoleToEngine,
                Host = pair.ToEngine.Host,
                Port = pair.ToEngine.EndPoint.Port,
                LocalRole = NodeRole.Console,
                Identity = keys.For(pair.PairingId),
                NodeId = keys.NodeId,
                Pins = [.. pair.AtConsole.Pins],
                HelloProperties = keys.HelloProperties,
                Timeout = TimeSpan.FromSeconds(60),
            },
            CancellationToken.None).WaitAsync(NodePair.Patience);

        Assert.True(result.Succeeded, string.Join('\n', result.Stages));
    }

    /// <summary>The engine has met the imported console.</summary>
    private async Task<NodePair> MovedAsync(CommunicationDirection way)
    {
        NodePair pair = await NodePair.ActiveAsync(way);
        string export = _folder.Below("export");
        await ConsoleTransfer.ExportAsync(
            pair.Console, new ExportRequest(export, ExportHost.Passphrase), null, CancellationToken.None);
        await pair.StopConsoleAsync();
        var elsewhere = DataFolder.Resolve(_folder.Below("new-host"));
        await ConsoleTransfer.ImportAsync(
            elsewhere,
            new SqliteStoreProvider(),
            new ImportRequest(export, ExportHost.Passphrase, Force: false),
            null,
            CancellationToken.None);
        pair.MoveConsole(elsewhere);
        await pair.StartConsoleAsync();
        await pair.UntilEngineStoreAsync(
            () => pair.Engine.Store.ListEvents(50), all => all.Any(one => one.Event == "ConsoleMoved"));
        return pair;
    }
}
