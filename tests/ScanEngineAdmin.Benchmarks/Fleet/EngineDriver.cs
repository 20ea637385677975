using System.Collections.Concurrent;
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
        var reasons = new ConcurrentDictionary<string, int>();
        EngineNode[] nodes = [];
        await Console.Out.WriteLineAsync("ready");
        while (await Console.In.ReadLineAsync() is { } line)
        {
            switch (line)
            {
                case "start":
                    nodes = new EngineNode[count];
                    await Parallel.ForAsync(0, count, async (number, _) => nodes[number] = await StartAsync(first + number));
                    await Console.Out.WriteLineAsync("started");
                    break;
                case "open":
                    await Console.Out.WriteLineAsync(FormattableString.Invariant(
                        $"{Volatile.Read(ref opened) - Volatile.Read(ref closed)} {Volatile.Read(ref failed)}"));
                    break;
                case "reasons":
                    await Console.Out.WriteLineAsync(string.Join(
                        "; ", reasons.OrderByDescending(static reason => reason.Value).Take(5).Select(static reason =>
                            FormattableString.Invariant($"{reason.Value} x {reason.Key}"))));
                    break;
                default:
                    await Console.Out.WriteLineAsync(Use.Now().Write());
                    break;
            }
        }

        await Task.WhenAll(nodes.Select(node => node.DisposeAsync().AsTask()));
        return 0;

        Task<EngineNode> StartAsync(int number) => EngineNode.StartAsync(
            DataFolder.Resolve(FleetLab.EngineFolder(root, number)),
            stores,
            new EngineNodeOptions { Listen = FleetLab.EngineAt(host, number) },
            Hear,
            CancellationToken.None);

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
                case Events.PollFailed when !entry.Message.Contains("stage Open:", StringComparison.Ordinal):
                    // A channel that was open and is lost is no try.
                    Interlocked.Increment(ref failed);
                    reasons.AddOrUpdate(Reason(entry.Message), 1, static (_, count) => count + 1);
                    break;
                default:
                    break;
            }
        }
    }
    // Engines, addresses and times differ; the reason is what comes behind the stage.
    private static string Reason(string message)
    {
        string text = message[Math.Max(0, message.IndexOf("stage ", StringComparison.Ordinal))..];
        int end = text.IndexOf(" Next try", StringComparison.Ordinal);
        return text[..Math.Min(end < 0 ? text.Length : end, 160)];
    }
}
