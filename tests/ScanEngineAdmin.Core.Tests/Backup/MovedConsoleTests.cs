using System.Net;
using System.Text;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Core.Backup;
using ScanEngineAdmin.Core.Console;
using ScanEngineAdmin.Core.Tests.EndToEnd;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Storage;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Backup;

/// <summary>A console is exported while it works, dies, and lives on elsewhere, with its engines and scans.</summary>
[Trait("Speed", "Slow")]
public sealed class MovedConsoleTests : IDisposable
{
    private const string RunAgain = "Results that had been received were lost with the store; the scan is run again.";
    private static readonly byte[] Passphrase = Encoding.UTF8.GetBytes("correct horse battery");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task Results_acknowledged_after_the_export_are_found_again_by_a_new_attempt(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        using var targets = new ScanTargets();
        ScanRecord scan = await targets.HeldAsync(pair);
        await ExportAsync(pair);
        long exported = pair.Console.Store.GetScan(scan.ScanId)!.LastBatch;
        await targets.StepAsync(pair, scan);
        await targets.StepAsync(pair, scan);
        Assert.True(pair.Console.Store.GetScan(scan.ScanId)!.LastBatch > exported + 1);

        // A batch is stored before the engine hears so; one that the engine did not hear of is sent again, and not lost.
        await pair.UntilEngineStoreAsync(
            () => pair.Engine.Store.GetScan(pair.PairingId, scan.ScanId)!, now => now.AcknowledgedBatch > exported);

        await using Relay moved = await MoveAsync(pair, way);

        ScanRecord done = await targets.CompletedAsync(pair, scan, RunAgain);
        Assert.Equal(2, done.Attempt);
        await pair.LoggedAsync("ScanResultsLost");
        await targets.RunAsync(pair);
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_scan_of_which_nothing_was_lost_goes_on(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        using var targets = new ScanTargets();
        ScanRecord scan = await targets.HeldAsync(pair);
        pair.ToEngine.Block();
        pair.ToConsole.Block();
        await pair.StopConsoleAsync();
        await ExportAsync(pair);

        await using Relay moved = await MoveAsync(pair, way);

        ScanRecord done = await targets.CompletedAsync(pair, scan);
        Assert.Equal(1, done.Attempt);
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_scan_that_ended_after_the_export_ends_again_and_nothing_is_doubled(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        using var targets = new ScanTargets();
        ScanRecord scan = await targets.HeldAsync(pair);
        await ExportAsync(pair);
        await targets.CompletedAsync(pair, scan);

        await using Relay moved = await MoveAsync(pair, way);

        ScanRecord done = await targets.CompletedAsync(pair, scan, "The engine had lost the scan.");
        Assert.Equal(2, done.Attempt);
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_name_that_moves_needs_no_command_at_all(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        await ExportAsync(pair);
        await pair.StopConsoleAsync();

        // The relay is the name: it leads to wherever the console is now.
        pair.MoveConsole(await ImportAsync());
        await pair.StartConsoleAsync();

        await pair.ActiveAsync();
        using var targets = new ScanTargets();
        await targets.RunAsync(pair);
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task An_old_host_that_was_not_switched_off_is_turned_away_by_the_engine(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        await ExportAsync(pair);
        DataFolder old = pair.ConsoleFolder;
        await using Relay moved = await MoveAsync(pair, way);
        await pair.ActiveAsync();
        await pair.UntilEngineAsync(now => now.Connected);
        using var targets = new ScanTargets();
        await targets.RunAsync(pair);

        var stores = new SqliteStoreProvider();
        using var admin = ConsoleAdmin.Open(old, stores);
        await using ConsoleNode ghost = await ConsoleNode.StartAsync(
            old, stores, pair.ConsoleOptions with { Listen = new IPEndPoint(IPAddress.Loopback, 0) }, _ => { },
            CancellationToken.None);
        if (way == CommunicationDirection.ConsoleToEngine)
        {
            EngineRecord refused = await admin.WaitEngineAsync(
                pair.PairingId,
                now => now.StatusDetail.StartsWith("IdentityConflict", StringComparison.Ordinal),
                NodePair.Patience,
                null,
                CancellationToken.None);
            Assert.Contains("imported later has taken over", refused.StatusDetail, StringComparison.Ordinal);
        }
        else
        {
            pair.Engine.SetConsole(pair.PairingId, "127.0.0.1", ghost.EndPoint.Port, null);
            moved.Cut();
            ConsoleRecord refused = await pair.UntilEngineAsync(now => now.LastError is not null && !now.Connected
                && now.LastError.Contains("old copy", StringComparison.Ordinal));
            Assert.StartsWith("PeerNotTrusted", refused.LastError, StringComparison.Ordinal);
            pair.Engine.SetConsole(pair.PairingId, moved.Host, moved.EndPoint.Port, null);
        }

        await targets.RunAsync(pair);
    }

    private async Task ExportAsync(NodePair pair) => await ConsoleTransfer.ExportAsync(
        pair.Console, new ExportRequest(_folder.Below("export"), Passphrase), null, CancellationToken.None);

    private async Task<DataFolder> ImportAsync()
    {
        var elsewhere = DataFolder.Resolve(_folder.Below("new-host"));
        await ConsoleTransfer.ImportAsync(
            elsewhere,
            new SqliteStoreProvider(),
            new ImportRequest(_folder.Below("export"), Passphrase, Force: false),
            null,
            CancellationToken.None);
        return elsewhere;
    }

    /// <summary>
    /// The console's host dies at once, and the console starts on another one. A standard engine is told nothing; a
    /// reverse one the new address, in one command.
    /// </summary>
    private async Task<Relay> MoveAsync(NodePair pair, CommunicationDirection way)
    {
        pair.ToEngine.Block();
        pair.ToConsole.Block();
        if (pair.ConsoleNode is not null)
        {
            await pair.StopConsoleAsync();
        }

        pair.MoveConsole(await ImportAsync());
        await pair.StartConsoleAsync();
        pair.ToEngine.Unblock();
        var moved = new Relay(IPAddress.Loopback, () => pair.ConsoleNode?.EndPoint);
        if (way == CommunicationDirection.EngineToConsole)
        {
            pair.Engine.SetConsole(pair.PairingId, moved.Host, moved.EndPoint.Port, null);
        }

        return moved;
    }
}
