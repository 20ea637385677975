using ScanEngineAdmin.Core.Backup;
using ScanEngineAdmin.Core.Tests.Backup;
using ScanEngineAdmin.Core.Tests.EndToEnd;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Hosts;

/// <summary>A real file system with no room left under one of the nodes, in the middle of a scan.</summary>
[Trait("Speed", "Slow")]
public sealed class FullDiskTests
{
    [Theory, NeedsRoot, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_scan_waits_while_its_engines_disk_is_full_and_goes_on_when_there_is_room(
        CommunicationDirection way)
    {
        using var disk = new SmallDisk(megabytes: 6);
        await using NodePair pair = await NodePair.ActiveAsync(way, engineHost: disk.Path);
        using var targets = new ScanTargets();
        ScanRecord scan = await targets.HeldAsync(pair, seconds: 5);

        disk.Fill();
        targets.Release();
        await pair.LoggedAsync(entry =>
            entry.Event == "ScanInterrupted" && entry.Fields["fault"] == nameof(FaultCode.StoreFull));
        Assert.False(pair.EngineNode!.Completion.IsCompleted);
        disk.Free();

        ScanRecord done = await targets.CompletedAsync(pair, scan);
        Assert.Equal(1, done.Attempt);
    }

    [Theory, NeedsRoot, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task Results_stay_at_the_engine_while_the_consoles_disk_is_full(CommunicationDirection way)
    {
        using var disk = new SmallDisk(megabytes: 6);
        await using NodePair pair = await NodePair.ActiveAsync(way, consoleHost: disk.Path);
        using var targets = new ScanTargets();
        ScanRecord scan = await targets.HeldAsync(pair, seconds: 4);

        disk.Fill();
        targets.Release();
        await pair.UntilScanAsync(scan.ScanId, now => now.Cause == ScanCause.ConsoleFull);
        await pair.LoggedAsync("ScanDataWaits");
        await pair.LoggedAsync("DiskFull");
        EngineScanRecord atEngine = await pair.UntilEngineStoreAsync(
            () => pair.Engine.Store.GetScan(pair.PairingId, scan.ScanId)!, now => now.State == ScanState.Completed);
        Assert.True(atEngine.AcknowledgedBatch < atEngine.LastBatch);
        Assert.True(pair.Engine.Store.SpooledBytes() > 0);
        Assert.False(pair.ConsoleNode!.Completion.IsCompleted);
        disk.Free();

        ScanRecord done = await targets.CompletedAsync(pair, scan);
        Assert.Equal(1, done.Attempt);
        Assert.Equal((ScanCause.None, ScanCause.ConsoleFull), (done.Cause, done.LastInterruption));
        await pair.LoggedAsync("DiskHasRoom");
        Assert.Contains(pair.Console.Store.ListEvents(50), entry => entry.Event == "DiskFull");
    }

    [Theory, NeedsRoot, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_scan_that_is_stopped_on_a_full_disk_ends_with_what_is_stored_and_can_be_resumed(
        CommunicationDirection way)
    {
        using var disk = new SmallDisk(megabytes: 6);
        await using NodePair pair = await NodePair.ActiveAsync(way, consoleHost: disk.Path);
        using var targets = new ScanTargets();
        ScanRecord scan = await targets.HeldAsync(pair, seconds: 4);

        disk.Fill();
        targets.LetOneOn();
        await pair.UntilScanAsync(scan.ScanId, now => now.Cause == ScanCause.ConsoleFull);
        pair.Console.Scans.Stop(scan.ScanId);
        ScanRecord stopped = await pair.UntilScanAsync(scan.ScanId, now => now.IsFinished);
        Assert.Equal(ScanState.Stopped, stopped.State);
        await pair.UntilEngineStoreAsync(
            () => pair.Engine.Store.ListScans(), scans => scans.Count == 0);
        disk.Free();

        pair.Console.Scans.Resume(scan.ScanId);
        ScanRecord done = await targets.CompletedAsync(pair, scan);
        Assert.Equal(2, done.Attempt);
    }

    [Theory, NeedsRoot, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task An_engine_without_room_takes_a_scan_on_later_and_stops_another_one_now(
        CommunicationDirection way)
    {
        using var disk = new SmallDisk(megabytes: 6);
        await using NodePair pair = await NodePair.ActiveAsync(way, engineHost: disk.Path);
        using var targets = new ScanTargets();
        ScanRecord running = await targets.HeldAsync(pair);
        disk.Fill();
        ScanRecord waiting = pair.Console.Scans.Add(
            pair.PairingId, targets.Short, new ScanTerms { Priority = ScanPriority.High });
        await pair.LoggedAsync("ScanNotTakenOn");

        pair.Console.Scans.Stop(running.ScanId);
        ScanRecord stopped = await pair.EndAsync(running.ScanId);
        Assert.Equal(ScanState.Stopped, stopped.State);
        disk.Free();
        ScanRecord done = await pair.EndAsync(waiting.ScanId);
        Assert.Equal((ScanState.Completed, 1), (done.State, done.Attempt));
    }

    [Theory, NeedsRoot, InlineData(1)]
    public async Task An_export_to_a_full_disk_says_so_and_leaves_nothing(int megabytes)
    {
        using var disk = new SmallDisk(megabytes);
        using var host = new ExportHost();
        disk.Fill();

        await ExportHost.FailsAsync(FaultCode.StoreFull, () => ConsoleTransfer.ExportAsync(
            host.Console,
            new ExportRequest(Path.Combine(disk.Path, "export"), ExportHost.Passphrase),
            null,
            CancellationToken.None));

        Assert.Equal(["filler"], Directory.GetFiles(disk.Path).Select(Path.GetFileName));
        Assert.Empty(Directory.GetDirectories(host.Source.Console));
    }
}
