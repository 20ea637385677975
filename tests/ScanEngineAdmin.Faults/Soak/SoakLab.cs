using System.Globalization;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Admin;
using ScanEngineAdmin.Core.Pairing;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Faults.Lab;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Storage;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Faults.Soak;

/// <summary>One console and its engines, each on a host of its own, paired and in contact; behind the engines the
/// network that they scan. This process is the admin on every host.</summary>
internal sealed class SoakLab : IAsyncDisposable
{
    public const int ConsolePort = 40815;
    public const int EnginePort = 40814;
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(3);

    private readonly SqliteStoreProvider _stores = new();
    private readonly List<SoakEngine> _engines = [];

    private SoakLab(SoakOptions options, DirectoryInfo root)
    {
        Router.Open();
        ConsoleHost = new SoakHost("console", NodeRole.Console, root.FullName);
        Console = ConsoleAdmin.Open(ConsoleHost.Folder, _stores);
        for (int number = 1; number <= options.Engines; number++)
        {
            var host = new SoakHost(
                string.Create(CultureInfo.InvariantCulture, $"engine-{number}"), NodeRole.Engine, root.FullName);
            _engines.Add(new SoakEngine(host, EngineAdmin.Open(host.Folder, _stores), Console));
        }

        // Only now: a link counts too, and hosts have sixteen blocks of addresses by that count.
        for (int number = 1; number <= options.Engines; number++)
        {
            NetworkNamespace host = _engines[number - 1].Host.Space;
            NetworkNamespace.Link(host, At(number, 1), Target.Space, At(number, 2));
            host.Run("ip", "route", "add", SoakTarget.Network, "via", At(number, 2).ToString());
        }
    }

    public SoakTarget Target { get; } = new();

    public SoakHost ConsoleHost { get; }

    public ConsoleAdmin Console { get; }

    public IReadOnlyList<SoakEngine> Engines => _engines;

    /// <summary>All engines, for scans that they share; none if there is one only.</summary>
    public EnginePool? Pool { get; private set; }

    public IEnumerable<SoakHost> Hosts => _engines.Select(engine => engine.Host).Prepend(ConsoleHost);

    /// <param name="options">How many engines.</param>
    /// <param name="made">Told of the folder with all that the run writes, stores and logs: it stays.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    public static async Task<SoakLab> StartAsync(
        SoakOptions options, Action<DirectoryInfo> made, CancellationToken cancellationToken)
    {
        DirectoryInfo root = Directory.CreateTempSubdirectory("sea-soak-");
        made(root);
        var lab = new SoakLab(options, root);
        try
        {
            foreach (SoakHost host in lab.Hosts)
            {
                host.Start();
            }

            for (int i = 0; i < lab._engines.Count; i++)
            {
                await lab.PairAsync(
                    lab._engines[i],
                    i % 2 == 0 ? CommunicationDirection.ConsoleToEngine : CommunicationDirection.EngineToConsole,
                    cancellationToken);
            }

            foreach (SoakEngine engine in lab._engines)
            {
                await lab.Console.WaitEngineAsync(
                    engine.PairingId, now => now.Status == CommunicationStatus.Active, Bound, null, cancellationToken);
            }

            // As short as an admin may set it, so that some parts are taken from engines that stay away.
            lab.Pool = options.Engines < 2 ? null : lab.Console.Pools.Add(
                "all", [.. lab._engines.Select(engine => engine.PairingId)], EnginePool.MinAwayAfter);
            return lab;
        }
        catch
        {
            await lab.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (SoakHost host in Hosts)
        {
            await host.DisposeAsync();
        }

        _engines.ForEach(engine => engine.Admin.Dispose());
        Console.Dispose();
        await Target.DisposeAsync();
    }

    private static System.Net.IPAddress At(int engine, int end) => new([10, 64, (byte)engine, (byte)end]);

    // The side that will dial uses the secret that the other side made.
    private async Task PairAsync(
        SoakEngine engine, CommunicationDirection direction, CancellationToken cancellationToken)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bound.CancelAfter(Bound);
        TimeSpan valid = TimeSpan.FromMinutes(5);
        bool standard = direction == CommunicationDirection.ConsoleToEngine;
        PairingSecret secret = standard
            ? engine.Admin.CreateSecret(valid, engine.Host.Name, singleUse: true).Secret
            : Console.CreateSecret(valid, engine.Host.Name, singleUse: true).Secret;
        while (true)
        {
            try
            {
                engine.PairingId = standard
                    ? (await Console.RegisterEngineAsync(
                        engine.Host.Name, $"{engine.Host.Address}", EnginePort, secret, bound.Token)).PairingId
                    : (await engine.Admin.PairAsync(
                        $"{ConsoleHost.Address}", ConsolePort, secret, engine.Host.Name, PollInterval, bound.Token))
                    .PairingId;
                return;
            }
            catch (ScanEngineException) when (!bound.IsCancellationRequested)
            {
                // Its process does not listen yet.
                await Task.Delay(TimeSpan.FromMilliseconds(200), bound.Token);
            }
        }
    }
}
