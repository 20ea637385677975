using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Scans;

namespace ScanEngineAdmin.Core.Nodes;

/// <summary>
/// What an operator measures, by the names of docs/metrics.md. Every tag is one of few words, never an engine, an address
/// or another text of a peer: nobody outside can make a time series. While nobody listens a measurement costs a look.
/// </summary>
internal static class NodeMetrics
{
    /// <summary>The name of the meter and of the source of traces.</summary>
    public const string Name = "ScanEngineAdmin";

    private static readonly Meter Meter = new(Name, ProductVersion.Text);

    private static readonly UpDownCounter<long> Channels = Meter.CreateUpDownCounter<long>(
        "scanengineadmin.channels", "{channel}", "Open channels, by role of this node and by direction.");

    private static readonly Histogram<double> Dials = Meter.CreateHistogram<double>(
        "scanengineadmin.dial.duration", "s", "Attempts to open a channel, by outcome and the stage that failed.");

    private static readonly Counter<long> Refused = Meter.CreateCounter<long>(
        "scanengineadmin.handshakes.failed", "{connection}", "Connections that ended before they were a channel.");

    private static readonly Counter<long> EventCount = Meter.CreateCounter<long>(
        "scanengineadmin.events", "{event}", "What happened, by the names of docs/events.md and of the log.");

    private static readonly Counter<long> FindingCount = Meter.CreateCounter<long>(
        "scanengineadmin.findings", "{finding}", "Findings: an engine's spooled, a console's stored.");

    private static readonly Counter<long> Finished = Meter.CreateCounter<long>(
        "scanengineadmin.scans.finished", "{scan}", "Scans that ended at the console, by state.");

    private static readonly Counter<long> Changes = Meter.CreateCounter<long>(
        "scanengineadmin.direction.changes", "{change}", "Changes of direction that were decided, by outcome.");

    private static readonly ConcurrentDictionary<INodeGauges, NodeRole> Nodes = [];

    static NodeMetrics()
    {
        _ = Meter.CreateObservableGauge(
            "scanengineadmin.scans", () => Nodes.SelectMany(static node => Safe(() => node.Key.UnfinishedScans.Select(
                scans => new Measurement<long>(scans.Count, Role(node.Value), new("state", $"{scans.State}"))))),
            "{scan}", "Scans that are not finished, by state: the console's queue, and what an engine runs.");
        _ = Meter.CreateObservableGauge(
            "scanengineadmin.disk.free", () => Nodes.SelectMany(static node => Safe(() =>
                [new Measurement<long>(new DriveInfo(node.Key.FolderPath).AvailableFreeSpace, Role(node.Value))])),
            "By", "Room left on the disk of the data folder.");
    }

    /// <summary>Traces: a dial, a scan's attempt, a change of direction.</summary>
    public static ActivitySource Activities { get; } = new(Name, ProductVersion.Text);

    /// <summary>The node is asked for its gauges until it is removed.</summary>
    public static void Add(INodeGauges node, NodeRole role) => Nodes[node] = role;

    public static void Remove(INodeGauges node) => Nodes.TryRemove(node, out _);

    public static void Channel(PeerInfo peer, int change) => Channels.Add(
        change,
        Role(peer.Hello.Role == NodeRole.Console ? NodeRole.Engine : NodeRole.Console),
        new("direction", $"{Direction(peer)}"));

    /// <summary>Measures and traces an attempt to open a channel.</summary>
    public static async Task<T> DialAsync<T>(NodeRole role, Func<Task<T>> dial)
    {
        using Activity? activity = Activities.StartActivity("dial", ActivityKind.Client);
        long begun = Stopwatch.GetTimestamp();
        string outcome = "Failed";
        string stage = "None";
        try
        {
            T opened = await dial().ConfigureAwait(false);
            outcome = "Opened";
            return opened;
        }
        catch (ChannelException exception)
        {
            (outcome, stage) = ($"{exception.Fault}", $"{exception.Stage}");
            throw;
        }
        catch (OperationCanceledException)
        {
            outcome = "Cancelled";
            throw;
        }
        finally
        {
            _ = activity?.SetTag("role", $"{role}").SetTag("outcome", outcome).SetTag("stage", stage)
                .SetStatus(outcome == "Opened" ? ActivityStatusCode.Ok : ActivityStatusCode.Error);
            Dials.Record(
                Stopwatch.GetElapsedTime(begun).TotalSeconds, Role(role), new("outcome", outcome), new("stage", stage));
        }
    }

    public static void HandshakeFailed(NodeRole role, ChannelException fault) =>
        Refused.Add(1, Role(role), new("fault", $"{fault.Fault}"), new("stage", $"{fault.Stage}"));

    public static void Event(NodeRole role, LogLevel level, string name) =>
        EventCount.Add(1, Role(role), new("event", name), new("level", $"{level}"));

    public static void Findings(NodeRole role, int count) => FindingCount.Add(count, Role(role));

    public static void ScanFinished(ScanState state) => Finished.Add(1, new KeyValuePair<string, object?>("state", $"{state}"));

    public static void DirectionChanged(CommunicationDirection to, string outcome) =>
        Changes.Add(1, new("direction", $"{to}"), new("outcome", outcome));

    private static CommunicationDirection Direction(PeerInfo peer) =>
        (peer.Hello.Role == NodeRole.Engine) == peer.Dialled
            ? CommunicationDirection.ConsoleToEngine : CommunicationDirection.EngineToConsole;

    private static KeyValuePair<string, object?> Role(NodeRole role) => new("role", $"{role}");

    // A store that is full, locked or gone has no number; what is said of that is in the log.
    private static Measurement<long>[] Safe(Func<IEnumerable<Measurement<long>>> read)
    {
        try
        {
            return [.. read()];
        }
#pragma warning disable CA1031 // Whoever measures goes on with the other numbers.
        catch (Exception)
#pragma warning restore CA1031
        {
            return [];
        }
    }
}
