using System.Diagnostics;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Core.Backup;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Faults.Attack;
using ScanEngineAdmin.Faults.Lab;

namespace ScanEngineAdmin.Faults.Disk;

/// <summary>
/// A console on a disk that gets full while an engine delivers and another one attacks: its admin does everything that
/// helps, the room comes back, and in the end everything that was found is there once.
/// </summary>
internal static class FullConsole
{
    private const int Kept = 6_400;
    private const int Removed = 12_800;
    private const int UnderWay = 19_200;

    // What a finding takes at least, and at most.
    private const int LeastBytes = 16;
    private const int MostBytes = 64;

    public static async Task RunAsync(DiskCase one, DiskOutcome outcome)
    {
        await using var pair = new DiskPair(one);
        await pair.PairAsync();
        (Guid hostile, Attacker attacker) = await pair.PairHostileAsync();
        using Attacker own = attacker;
        Guid kept = pair.Queue(pair.Request(Kept)).ScanId;
        await pair.CompletedAsync(kept);
        Guid removed = pair.Queue(pair.Request(Removed)).ScanId;
        await pair.CompletedAsync(removed);
        await using HostileFlood flood = await HostileFlood.BeginAsync(pair, hostile, attacker);

        Guid scan = pair.Queue(pair.Request(UnderWay, rate: one.Filler == Filler.Findings ? 0 : 4_000)).ScanId;
        Guid unfinished = pair.Queue(pair.Request(UnderWay, rate: 10)).ScanId;
        await pair.UntilScanAsync(unfinished, now => now.State != ScanState.Queued);
        await FillAsync(one, pair, flood, outcome);
        if (!one.Running)
        {
            await pair.StopConsoleAsync();
        }

        await CommandsAsync(one, pair, (hostile, flood), (scan, removed, unfinished), outcome);
        await RecoverAsync(one, pair, (scan, kept), outcome);
    }

    private static async Task FillAsync(DiskCase one, DiskPair pair, HostileFlood flood, DiskOutcome outcome)
    {
        long floor = pair.AtConsole(admin => admin.Store.Room().Floor);
        switch (one.Filler)
        {
            case Filler.Findings:
                pair.Disk.Fill(floor + (256 * 1024));
                await pair.UntilScanAsync(flood.ScanId, _ => pair.Log.Any(line => line.Event == "DiskFull"));
                break;
            case Filler.HostileEngine:
                await flood.UntilHeldAsync(pair);
                break;
            case Filler.Export:
                await ExportAsync(pair, outcome);
                pair.Disk.Fill(0);
                break;
            case Filler.Log:
                pair.FillWithLog();
                break;
            default:
                pair.Disk.Fill(0);
                break;
        }

        outcome.Notes.Add($"{ByteText.Of(pair.Disk.Available)} left");
    }

    /// <summary>Onto the same disk, until that has no room for one: it must say so, and leave nothing.</summary>
    private static async Task ExportAsync(DiskPair pair, DiskOutcome outcome)
    {
        byte[] passphrase = "correct horse battery"u8.ToArray();
        int written = 0;
        pair.Disk.Fill(pair.Disk.Total / 2);
        while (written < 50)
        {
            try
            {
                using ConsoleAdmin admin = pair.OpenConsole();
                await ConsoleTransfer.ExportAsync(
                    admin,
                    new ExportRequest(Path.Combine(pair.Disk.Path, $"export-{written}"), passphrase),
                    null,
                    CancellationToken.None);
                written++;
            }
            catch (ScanEngineException exception) when (exception.Code == FaultCode.StoreFull)
            {
                break;
            }
        }

        outcome.Notes.Add($"{written} exports");
        if (Directory.GetFiles(pair.Disk.Path, "*.part").Length > 0)
        {
            outcome.Stuck.Add("a part of an export was left");
        }
    }

    private static async Task CommandsAsync(
        DiskCase one,
        DiskPair pair,
        (Guid PairingId, HostileFlood Flood) hostile,
        (Guid Stopped, Guid Removed, Guid Unfinished) scans,
        DiskOutcome outcome)
    {
        long before = pair.StoreBytes(atConsole: true);
        long found = pair.Scan(scans.Stopped).FindingCount;
        Guid secret = Guid.Empty;
        Guid queued = Guid.Empty;
        Command("Stop-EngineScan", admin => admin.Scans.Stop(scans.Stopped));
        Command("New-EnginePairingSecret", admin => secret = admin
            .CreateSecret(TimeSpan.FromHours(1), null, singleUse: true).Record.SecretId);
        Command("Revoke-EnginePairingSecret", admin => admin.RevokeSecret(secret));
        Command("Unregister-ScanEngine", admin => admin.UnregisterEngine(hostile.PairingId));
        if (one.Running && !await Eventually.TrueAsync(() => hostile.Flood.IsClosed, DiskPair.Patience))
        {
            outcome.Stuck.Add("the hostile channel stayed open");
        }

        Command("Remove-EngineScan", admin => admin.Scans.Remove(scans.Removed));
        Command("Remove-EngineScan -Force", admin => admin.Scans.Remove(scans.Unfinished, unfinished: true));
        Command("Start-EngineScan", admin => queued = admin.Scans.Add(pair.PairingId, pair.Request(64)).ScanId);
        Command("Remove-EngineScan of a new one", admin => admin.Scans.Remove(queued, unfinished: true));
        if (one.Running && !await pair.UntilScanAsync(scans.Stopped, scan => scan.IsFinished))
        {
            outcome.Stuck.Add($"the stopped scan is {pair.Scan(scans.Stopped).State}");
        }

        // What the engine found before the stop comes in as soon as there is room.
        long came = pair.Scan(scans.Stopped).FindingCount - found;
        long most = one.Filler == Filler.HostileEngine ? before / 2
            : before - (Removed * LeastBytes) + (came * MostBytes);
        bool back = await Eventually.TrueAsync(() => pair.StoreBytes(atConsole: true) < most, DiskPair.Patience);
        outcome.Notes.Add($"store {ByteText.Of(before)} -> {ByteText.Of(pair.StoreBytes(atConsole: true))}");
        if (!back)
        {
            outcome.Stuck.Add("the room did not come back");
        }

        void Command(string name, Action<ConsoleAdmin> command)
        {
            long began = Stopwatch.GetTimestamp();
            outcome.Try(name, () => pair.AtConsole(admin =>
            {
                command(admin);
                return true;
            }));
            if (Stopwatch.GetElapsedTime(began) > TimeSpan.FromSeconds(30))
            {
                outcome.Stuck.Add($"{name} took {Stopwatch.GetElapsedTime(began).TotalSeconds:0} s");
            }
        }
    }

    private static async Task RecoverAsync(
        DiskCase one, DiskPair pair, (Guid Stopped, Guid Kept) scans, DiskOutcome outcome)
    {
        pair.Disk.Free();
        Directory.GetFiles(pair.Disk.Path, "export-*").ToList().ForEach(File.Delete);
        if (!one.Running)
        {
            await pair.StartConsoleAsync();
        }

        if (!await pair.UntilScanAsync(scans.Stopped, scan => scan.IsFinished))
        {
            outcome.Stuck.Add($"the stopped scan is {pair.Scan(scans.Stopped).State} with room");
            return;
        }

        if (pair.Scan(scans.Stopped).State != ScanState.Completed)
        {
            pair.AtConsole(admin => admin.Scans.Resume(scans.Stopped));
            await pair.CompletedAsync(scans.Stopped);
        }

        foreach ((Guid scan, int units) in ((Guid, int)[])[(scans.Stopped, UnderWay), (scans.Kept, Kept)])
        {
            (long counted, long read) = pair.AtConsole(admin => (
                admin.Store.GetScan(scan)!.FindingCount,
                admin.Store.ReadFindings(scan).Select(finding => finding.Unit).Distinct().LongCount()));
            if (counted != units || read != units)
            {
                outcome.Lost.Add($"{units} findings, {counted} counted, {read} there");
            }
        }

        pair.AtConsole(admin =>
        {
            admin.Store.Check();
            return true;
        });
    }
}
