using System.Globalization;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Core.Pairing;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Scanning.Connect;
using ScanEngineAdmin.Scanning.Plan;
using ScanEngineAdmin.Scanning.Targets;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Storage;
using ScanEngineAdmin.Storage.Sqlite;
using Xunit.Runner.InProc.SystemConsole;

namespace ScanEngineAdmin.Service.Tests;

/// <summary>
/// Pairing by secret dials from the admin's own process, so a test that gives each host a network of its own needs an
/// admin's process in there: this test assembly, with one of these commands. The secret comes on standard input.
/// </summary>
internal static class AdminProgram
{
    /// <summary>Said by <c>scan</c>, which begins when its standard input ends.</summary>
    public const string ReadyToScan = "READY";

    /// <summary>Said by <c>write</c> when one thread has the store and another one waits for it.</summary>
    public const string WaitsForStore = "WAITS";

    /// <summary>Said by <c>write</c> when both threads have written.</summary>
    public const string Written = "WRITTEN";

    /// <summary>How long a thread of <c>write</c> waits for the other one.</summary>
    public static readonly TimeSpan StoreTimeout = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan Bound = HostProcess.Bound;
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(5);

    /// <summary>
    /// <c>register|pair FOLDER ADDRESS PORT ENGINE-NAME</c>: at a console's host, or at an engine's.
    /// <c>scan TARGETS PORT SECONDS</c>: the scanner alone, so that a test can stop its process.
    /// <c>write FOLDER</c>: two threads that write to a store, the first one until its standard input ends.
    /// </summary>
    internal static Task<int> Main(string[] args) => args is ["register" or "pair" or "scan" or "write", ..]
        ? RunAsync(args)
        : ConsoleRunner.Run(args);

    private static async Task<int> RunAsync(string[] args)
    {
        try
        {
            if (args is ["scan", string targets, string asked, string seconds])
            {
                await ScanAsync(targets, asked, TimeSpan.FromSeconds(int.Parse(seconds, CultureInfo.InvariantCulture)));
                return 0;
            }

            if (args is ["write", string storeFolder])
            {
                WriteTwice(storeFolder);
                return 0;
            }

            DataFolder folder = DataFolder.Resolve(args[1]);
            int port = int.Parse(args[3], CultureInfo.InvariantCulture);
            string text = await Console.In.ReadToEndAsync();
            if (!PairingSecret.TryParse(text.Trim(), out PairingSecret? secret))
            {
                throw new ArgumentException("No secret on standard input.");
            }

            using var bound = new CancellationTokenSource(Bound);
            var stores = new SqliteStoreProvider();
            if (args[0] == "register")
            {
                using ConsoleAdmin console = ConsoleAdmin.Open(folder, stores);
                await InTimeAsync(() => console.RegisterEngineAsync(args[4], args[2], port, secret, bound.Token));
            }
            else
            {
                using EngineAdmin engine = EngineAdmin.Open(folder, stores);
                await InTimeAsync(
                    () => engine.PairAsync(args[2], port, secret, args[4], PollInterval, bound.Token));
            }

            return 0;
        }
        catch (ScanEngineException exception)
        {
            await Console.Error.WriteLineAsync($"{exception.Code}: {exception.Message}");
            return 1;
        }
    }

    // A machine that is busy with other tests may be late once; an admin would try again.
    private static async Task InTimeAsync(Func<Task> pair)
    {
        try
        {
            await pair();
        }
        catch (ScanEngineException e) when (e.Code == FaultCode.HandshakeTimedOut)
        {
            await pair();
        }
    }

    private static async Task ScanAsync(string targets, string port, TimeSpan bannerTimeout)
    {
        var request = new ScanRequest { Targets = [targets], Ports = port, BannerTimeout = bannerTimeout };
        Console.WriteLine(ReadyToScan);
        await Console.In.ReadToEndAsync();
        List<Finding> findings = [];
        ScanBatch last = await new ConnectScanner(new TargetPolicy(), TimeProvider.System).RunAsync(
            ScanPlan.Create(request), 0, 0, Keep, () => false, () => false, CancellationToken.None);
        await Keep(last);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"FOUND {findings.Count(finding => finding.Banner is not null)} of {findings.Count} heard out"));

        ValueTask Keep(ScanBatch batch)
        {
            findings.AddRange(batch.Findings);
            return ValueTask.CompletedTask;
        }
    }

    private static void WriteTwice(string folder)
    {
        var pairing = Guid.NewGuid();
        using IEngineStore store = new SqliteStoreProvider(new StoreOptions { BusyTimeout = StoreTimeout })
            .OpenEngine(folder);
        store.AddConsole(new ConsoleRecord
        {
            PairingId = pairing,
            State = ConsoleState.Paired,
            Direction = CommunicationDirection.EngineToConsole,
            FirstSeen = DateTimeOffset.UtcNow,
        });
        ScanEngineException? fault = null;
        var second = new Thread(() =>
        {
            try
            {
                store.UpdateConsole(pairing, console => console with { Name = "second" });
            }
            catch (ScanEngineException exception)
            {
                fault = exception;
            }
        });
        store.UpdateConsole(pairing, console =>
        {
            second.Start();
            SpinWait.SpinUntil(() => (second.ThreadState & ThreadState.WaitSleepJoin) != 0);
            Console.WriteLine(WaitsForStore);
            Console.In.ReadToEnd();
            return console with { Name = "first" };
        });
        second.Join();
        Console.WriteLine(fault is null ? Written : $"{fault.Code}: {fault.Message}");
    }
}
