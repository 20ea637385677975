using System.Globalization;
using System.Net;
using ScanEngineAdmin.Benchmarks.Measure;
using ScanEngineAdmin.Core.Engine;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Storage;

namespace ScanEngineAdmin.Benchmarks.Fleet;

/// <summary>A process full of engines: the product's own nodes, each with its store, identity and channel.</summary>
internal static class EngineDriver
{
    public const string Command = "engines";

    /// <summary>From <paramref name="args"/>: the fleet's folder and address, the first engine and how many.</summary>
    public static async Task<int> RunAsync(IReadOnlyList<string> args)
    {
        string root = args[0];
        IPAddress host = IPAddress.Parse(args[1]);
        int first = int.Parse(args[2], CultureInfo.InvariantCulture);
        int count = int.Parse(args[3], CultureInfo.InvariantCulture);
        var stores = new SqliteStoreProvider();
        int opened = 0;
        int closed = 0;
        int failed = 0;
        EngineNode[] nodes = [];
        await Console.Out.WriteLineAsync("ready");
        while (await Console.In.ReadLineAsync() is { } line)
        {
            switch (line)
            {
                case "start":
                    nodes = await Task.WhenAll(Enumerable.Range(first, count).Select(StartAsync));
                    await Console.Out.WriteLineAsync("started");
                    break;
                case "open":
                    await Console.Out.WriteLineAsync(FormattableString.Invariant(
                        $"{Volatile.Read(ref opened) - Volatile.Read(ref closed)} {Volatile.Read(ref failed)}"));
                    break;
                default:
                    await Console.Out.WriteLineAsync(Use.Now().Write());
                    break;
            }
        }

        await Task.WhenAll(nodes.Select(node => node.DisposeAsync().AsTask()));
        return 0;

        Task<EngineNode> StartAsync(int number) => Task.Run(() => EngineNode.StartAsync(
            DataFolder.Resolve(FleetLab.EngineFolder(root, number)),
            stores,
            new EngineNodeOptions { Listen = FleetLab.EngineAt(host, number) },
            Hear,
            CancellationToken.None));

        void Hear(LogEntry entry)
        {
            switch (entry.Event)
            {
                case Events.ChannelOpened:
                    Interlocked.Increment(ref opened);
                    break;
                case Events.ChannelClosed:
                    Interlocked.Increment(ref closed);
                    break;
                case Events.PollFailed:
                    Interlocked.Increment(ref failed);
                    break;
                default:
                    break;
            }
        }
    }
}
