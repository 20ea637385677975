using System.Diagnostics;
using System.Net;
using ScanEngineAdmin.Benchmarks.Measure;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Core.Certificates;
using ScanEngineAdmin.Core.Console;
using ScanEngineAdmin.Core.Engine;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Consoles;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Firewall.Providers;
using ScanEngineAdmin.Storage;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Benchmarks.Fleet;

/// <summary>
/// A console and engines that are paired with it, in folders of their own on one disk. The pairings are written into
/// the stores as pairing does: making ten thousand of them over the wire is not what is measured.
/// </summary>
internal sealed class FleetLab : IAsyncDisposable
{
    public const int ConsolePort = 21000;
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private const int FirstEnginePort = 21001;
    private readonly DirectoryInfo _root;
    private readonly SqliteStoreProvider _stores = new();
    private readonly List<Guid> _pairings = [];
#pragma warning disable CA2213 // Disposed where it is killed, which every end goes through.
    private Process? _console;
#pragma warning restore CA2213

    private FleetLab(DirectoryInfo root)
    {
        _root = root;
        ConsoleFolder = DataFolder.Resolve(Path.Combine(root.FullName, "console"));

        // As a command over many engines does: this host's firewall tools are asked once for all of them.
        Admin = ConsoleAdmin.Open(ConsoleFolder, _stores, answers: new FirewallAnswers());
    }

    public DataFolder ConsoleFolder { get; }

    public ConsoleAdmin Admin { get; }

    public string Root => _root.FullName;

    /// <summary>An address that is this fleet's alone, so that no other run has its ports.</summary>
    public IPAddress Host { get; } = new OwnLoopback().At(1);

    public IReadOnlyList<Guid> Pairings => _pairings;

    public int ConsoleProcess => _console!.Id;

    /// <summary>What the console's files hold, the log of the store included.</summary>
    public long StoreBytes => new DirectoryInfo(ConsoleFolder.Console).EnumerateFiles().Sum(static file => file.Length);

    /// <param name="count">Engines.</param>
    /// <param name="way">Who dials.</param>
    /// <param name="inMemory">Whether the stores are kept in RAM, where there are too many for the disk.</param>
    /// <param name="consoleAddress">Where each engine dials the console; null for the fleet's own address.</param>
    public static FleetLab Make(
        int count, CommunicationDirection way, bool inMemory = false, Func<int, string>? consoleAddress = null)
    {
        string parent = inMemory && Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath();
        var root = new DirectoryInfo(Path.Combine(
            parent, FormattableString.Invariant($"sea-fleet-{Environment.ProcessId}-{Guid.NewGuid():N}")));
        root.Create();
        var lab = new FleetLab(root);
        lab.Pair(count, way, consoleAddress ?? (_ => $"{lab.Host}"));
        return lab;
    }

    public static string EngineFolder(string root, int number) =>
        Path.Combine(root, FormattableString.Invariant($"e{number:00000}"));

    public static IPEndPoint EngineAt(IPAddress host, int number) => new(host, FirstEnginePort + number);

    public static string EngineName(int number) => FormattableString.Invariant($"e{number:00000}");

    /// <summary>The shipped program; inside a namespace if one is named.</summary>
    public async Task StartConsoleAsync(string? space = null)
    {
        string at = FormattableString.Invariant($"{(space is null ? Host : IPAddress.Any)}:{ConsolePort}");
        _console = Child.Service(space, "console", "--data", Root + "/console", "--listen", at, "--stop-with-stdin");
        using var patience = new CancellationTokenSource(Patience);
        while (!FolderLock.IsHeld(ConsoleFolder.Console))
        {
            if (_console.HasExited)
            {
                throw new InvalidOperationException($"The console ended with exit code {_console.ExitCode}.");
            }

            await Task.Delay(20, patience.Token);
        }
    }

    /// <summary>Pairs so many engines more, of which the console has no more than the row.</summary>
    public void AddRows(int count)
    {
        for (int i = 0; i < count; i++)
        {
            int number = _pairings.Count + i;
            Admin.Store.AddEngine(new EngineRecord
            {
                PairingId = Guid.NewGuid(),
                EngineId = Guid.NewGuid(),
                Name = EngineName(number),
                Address = $"{Host}",
                Port = ConsolePort,
                Direction = CommunicationDirection.EngineToConsole,
                State = EngineState.Paired,
                Pins = [Fingerprint.OfPublicKey(Guid.NewGuid().ToByteArray())],
                ApprovedByEngine = true,
                Registered = DateTimeOffset.UtcNow,
            });
        }
    }

    /// <summary>A process with those engines, which have not begun.</summary>
    public async Task<Child> StartDriverAsync(int first, int count, string? space = null)
    {
        Child driver = Child.Engines(
            space,
            EngineDriver.Command,
            Root,
            $"{Host}",
            FormattableString.Invariant($"{first}"),
            FormattableString.Invariant($"{count}"));
        await driver.HearAsync();
        return driver;
    }

    /// <summary>In this process, for work that needs other times or a look at its store calls.</summary>
    public Task<ConsoleNode> StartConsoleHereAsync(ConsoleNodeOptions options, IStoreProvider? stores = null) =>
        ConsoleNode.StartAsync(
            ConsoleFolder,
            stores ?? _stores,
            options with { Listen = new IPEndPoint(Host, ConsolePort) },
            static _ => { },
            CancellationToken.None);

    public Task<EngineNode> StartEngineHereAsync(int number, IStoreProvider? stores, Action<LogEntry> log) =>
        EngineNode.StartAsync(
            DataFolder.Resolve(EngineFolder(Root, number)),
            stores ?? _stores,
            new EngineNodeOptions { Listen = EngineAt(Host, number) },
            new NodeLog(log),
            CancellationToken.None);

    public Task ActiveAsync(int number) => Admin.WaitEngineAsync(
        _pairings[number],
        static engine => engine.Status == CommunicationStatus.Active,
        Patience,
        null,
        CancellationToken.None);

    /// <summary>Ends it as a crash would.</summary>
    public async Task KillConsoleAsync()
    {
        if (_console is { } console)
        {
            _console = null;
            console.Kill(entireProcessTree: true);
            await console.WaitForExitAsync();
            console.Dispose();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await KillConsoleAsync();
        Admin.Dispose();
        _root.Delete(recursive: true);
    }

    private void Pair(int count, CommunicationDirection way, Func<int, string> consoleAddress)
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        (Guid consoleId, NodeIdentity console) =
            IdentityFile.LoadOrCreate(ConsoleFolder.EnsureConsole(), TimeProvider.System);
        Fingerprint consolePin = console.Fingerprint;
        console.Dispose();
        var engines = new EngineRecord[count];
        Parallel.For(0, count, number =>
        {
            DataFolder folder = DataFolder.Resolve(EngineFolder(Root, number));
            (Guid engineId, NodeIdentity engine) =
                IdentityFile.LoadOrCreate(folder.EnsureEngine(), TimeProvider.System);
            using NodeIdentity made = engine;
            Guid pairing = Guid.NewGuid();
            engines[number] = new EngineRecord
            {
                PairingId = pairing,
                EngineId = engineId,
                Name = EngineName(number),
                Address = $"{Host}",
                Port = EngineAt(Host, number).Port,
                Direction = way,
                State = EngineState.Paired,
                Pins = [made.Fingerprint],
                ObservedFingerprint = made.Fingerprint,
                ApprovedByEngine = true,
                Registered = now,
            };
            using IEngineStore store = _stores.OpenEngine(folder.Engine);
            store.AddConsole(new ConsoleRecord
            {
                PairingId = pairing,
                ConsoleId = consoleId,
                Name = "console",
                EngineName = EngineName(number),
                State = ConsoleState.Paired,
                Direction = way,
                Pins = [consolePin],
                Address = consoleAddress(number),
                Port = ConsolePort,
                FirstSeen = now,
            });
        });
        foreach (EngineRecord engine in engines)
        {
            Admin.Store.AddEngine(engine);
            _pairings.Add(engine.PairingId);
        }
    }
}
