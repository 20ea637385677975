using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Faults.Lab;

namespace ScanEngineAdmin.Faults.Disk;

/// <summary>
/// An engine on a disk that gets full while it scans: its admin can deny and revoke, the room of a denied console comes
/// back, and the scan goes on when there is room, with nothing missing.
/// </summary>
internal static class FullEngine
{
    private const int UnderWay = 25_600;

    public static async Task RunAsync(DiskCase one, DiskOutcome outcome)
    {
        await using var pair = new DiskPair(one);
        await pair.PairAsync();
        Guid denied = pair.AtEngine(Leave);
        Guid scan = pair.Queue(pair.Request(UnderWay, rate: 1_500)).ScanId;
        await pair.UntilScanAsync(scan, now => now.FindingCount > 0);
        if (one.Filler == Filler.Findings)
        {
            // Nobody takes what is found.
            await pair.StopConsoleAsync();
        }

        await FillAsync(one, pair);
        outcome.Notes.Add($"{ByteText.Of(pair.Disk.Available)} left");
        if (!one.Running)
        {
            await pair.StopEngineAsync();
        }

        long spooled = pair.AtEngine(admin => admin.Store.SpooledBytes());
        long size = pair.StoreBytes(atConsole: false);
        Commands(pair, denied, outcome);
        bool back = await Eventually.TrueAsync(
            () => pair.StoreBytes(atConsole: false) < size, DiskPair.Patience);
        outcome.Notes.Add($"store {ByteText.Of(size)} -> {ByteText.Of(pair.StoreBytes(atConsole: false))}, "
            + $"spool {ByteText.Of(spooled)}");
        if (!back)
        {
            outcome.Stuck.Add("the room of the denied console did not come back");
        }

        pair.Disk.Free();
        if (!one.Running)
        {
            await pair.StartEngineAsync();
        }

        if (one.Filler == Filler.Findings)
        {
            await pair.StartConsoleAsync();
        }

        await pair.CompletedAsync(scan);
        ScanRecord done = pair.Scan(scan);
        long there = pair.AtConsole(admin => admin.Store.ReadFindings(scan).LongCount());
        if (done.FindingCount != UnderWay || there != UnderWay || done.Attempt != 1)
        {
            outcome.Lost.Add(
                $"{UnderWay} findings, {done.FindingCount} counted, {there} there, attempt {done.Attempt}");
        }

        pair.AtEngine(admin =>
        {
            admin.Store.Check();
            return true;
        });
    }

    private static async Task FillAsync(DiskCase one, DiskPair pair)
    {
        long floor = pair.AtEngine(admin => admin.Store.Room().Floor);
        switch (one.Filler)
        {
            case Filler.Findings:
                // Just below the floor: what is found next may find room in pages that the store has already.
                pair.Disk.Fill(floor - (64 * 1024));
                break;
            case Filler.Log:
                pair.FillWithLog();
                break;
            default:
                pair.Disk.Fill(0);
                break;
        }

        if (!await Eventually.TrueAsync(
            () => pair.Log.Any(line => line.Event is "DiskFull" or "ScanInterrupted"), DiskPair.Patience))
        {
            throw new InvalidOperationException("Nobody said that the disk is full.");
        }
    }

    /// <summary>A console that was paired and left a megabyte of what it was scanning.</summary>
    private static Guid Leave(EngineAdmin admin)
    {
        var console = new ConsoleRecord
        {
            PairingId = Guid.NewGuid(),
            ConsoleId = Guid.NewGuid(),
            Name = "gone",
            State = ConsoleState.Paired,
            Direction = CommunicationDirection.ConsoleToEngine,
            FirstSeen = DateTimeOffset.UtcNow,
        };
        var scan = new EngineScanRecord
        {
            PairingId = console.PairingId,
            ScanId = Guid.NewGuid(),
            Attempt = 1,
            Request = new ScanRequest { Targets = ["127.0.0.1"], Ports = "1" },
            State = ScanState.Completed,
            Accepted = DateTimeOffset.UtcNow,
        };
        admin.Store.AddConsole(console);
        admin.Store.AcceptScan(scan);
        string banner = new('b', ScanLimits.MaxBannerBytes);
        for (int number = 1; number <= 20; number++)
        {
            admin.Store.AppendBatch(console.PairingId, scan.ScanId, 1, new ScanBatch
            {
                Number = number,
                Cursor = number * 50,
                TargetsTotal = 1,
                TargetsDone = 0,
                Findings = [.. Enumerable.Range(0, 50).Select(
                    i => new Finding((number * 50) + i, "127.0.0.1", 1, PortState.Open, null, banner))],
            });
        }

        return console.PairingId;
    }

    private static void Commands(DiskPair pair, Guid denied, DiskOutcome outcome)
    {
        Guid secret = Guid.Empty;
        Command("New-EnginePairingSecret", admin => secret = admin
            .CreateSecret(TimeSpan.FromHours(1), null, singleUse: true).Record.SecretId);
        Command("Revoke-EnginePairingSecret", admin => admin.RevokeSecret(secret));
        Command("Set-EngineScanPolicy", admin => admin.SetPolicy(admin.GetPolicy() with { Deny = ["10.9.0.0/16"] }));
        Command("Deny-EngineConsole", admin => admin.DenyConsole(denied));

        void Command(string name, Action<EngineAdmin> command) => outcome.Try(name, () => pair.AtEngine(admin =>
        {
            command(admin);
            return true;
        }));
    }
}
