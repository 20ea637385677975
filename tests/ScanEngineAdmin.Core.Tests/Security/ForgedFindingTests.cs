using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Core.Tests.EndToEnd;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Scanning.Plan;

namespace ScanEngineAdmin.Core.Tests.Security;

/// <summary>
/// Findings with what a port in that state cannot have said: the attempt is fenced, the scan fails, and it is audited.
/// </summary>
[Trait("Speed", "Slow")]
public sealed class ForgedFindingTests
{
    private const int Stored = 5;

    public static TheoryData<CommunicationDirection, string> Forged { get; } = Make();

    [Theory, MemberData(nameof(Forged))]
    public async Task What_such_a_port_cannot_say_is_not_stored(CommunicationDirection way, string what)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        using var targets = new ScanTargets();
        await pair.StopEngineAsync();
        var played = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using PlayedEngine engine = await PlayedEngine.StartAsync(
            pair, way, terms: true, (_, plan) => Sound(plan, played));
        ScanRecord scan = pair.Console.Scans.Add(pair.PairingId, targets.Short);

        // Its stream is served by then, and this one takes over from it.
        await played.Task.WaitAsync(NodePair.Patience);
        scan = pair.Console.Store.GetScan(scan.ScanId)!;
        await using ChannelStream stream = await (await engine.OpenedAsync()).OpenStreamAsync(
            Methods.ScanDataStream, default, CancellationToken.None);

        await ScanDataWriter.WriteBatchAsync(
            stream, scan.ScanId, scan.Attempt, Batch(what, ScanPlan.Create(scan.Request)), CancellationToken.None);
        BatchAcknowledgement? answer = await new ScanDataReader(stream)
            .ReadAcknowledgementAsync(CancellationToken.None).AsTask().WaitAsync(NodePair.Patience);

        Assert.Equal(BatchOutcome.Fenced, answer?.Outcome);
        ScanRecord now = pair.Console.Store.GetScan(scan.ScanId)!;
        Assert.Equal((ScanState.Failed, ScanCause.ProtocolViolation), (now.State, now.Cause));
        Assert.DoesNotContain(pair.Console.Store.ReadFindings(scan.ScanId), finding => finding.Unit >= Stored);
        Assert.Contains(pair.Console.Store.ListEvents(100), one => one.Event == "ScanDataRefused");
    }

    private static TheoryData<CommunicationDirection, string> Make()
    {
        var all = new TheoryData<CommunicationDirection, string>();
        foreach (CommunicationDirection way in Enum.GetValues<CommunicationDirection>())
        {
            all.Add(way, "a banner of a closed port");
            all.Add(way, "a round trip of a silent port");
            all.Add(way, "a round trip of a day");
            all.Add(way, "an address beside its address");
            all.Add(way, "another port than that of the attempt");
        }

        return all;
    }

    private static IEnumerable<ScanBatch> Sound(ScanPlan plan, TaskCompletionSource acknowledged)
    {
        yield return PlayedEngine.Batch(plan, 1, 0, Stored);
        acknowledged.TrySetResult();
    }

    private static ScanBatch Batch(string what, ScanPlan plan)
    {
        var sound = new Finding(
            Stored, plan.Targets[0], plan.Ports[Stored], PortState.Open, TimeSpan.FromMilliseconds(1), "x");
        Finding forged = what switch
        {
            "a banner of a closed port" => sound with { State = PortState.Closed },
            "a round trip of a silent port" => sound with { State = PortState.Filtered, Banner = null },
            "an address beside its address" => sound with { Resolved = "192.0.2.1" },
            "a round trip of a day" => sound with { RoundTrip = TimeSpan.FromDays(1) },
            _ => sound with { Port = plan.Ports[Stored + 1] },
        };
        return new ScanBatch
        {
            Number = 2,
            Findings = [forged],
            Cursor = Stored + 1,
            TargetsTotal = 1,
            TargetsDone = 0,
        };
    }
}
