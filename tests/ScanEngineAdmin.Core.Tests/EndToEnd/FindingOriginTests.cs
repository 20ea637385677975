using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Scanning.Plan;

namespace ScanEngineAdmin.Core.Tests.EndToEnd;

/// <summary>A finding's address and time between nodes of which one is of the version before.</summary>
[Trait("Speed", "Slow")]
public sealed class FindingOriginTests
{
    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task Both_reach_a_console_that_knows_them_and_neither_an_older_one(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        await pair.StopConsoleAsync();
        Finding known = Assert.Single(await ScanAsync(pair, way, knows: true));
        Assert.NotNull(known.Resolved);
        Assert.NotNull(known.Found);

        Finding older = Assert.Single(await ScanAsync(pair, way, knows: false));
        Assert.Equal(
            (known.Target, known.Port, known.State, null, null),
            (older.Target, older.Port, older.State, older.Resolved, older.Found));
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task What_an_older_engine_found_is_stored_without_them(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        await pair.StopEngineAsync();
        await using PlayedEngine engine = await PlayedEngine.StartAsync(pair, way, terms: false, Play);
        ScanRecord scan = pair.Console.Scans.Add(
            pair.PairingId, new ScanRequest { Targets = ["127.0.0.1", "localhost"], Ports = "9" }, new ScanTerms());

        await pair.Console.Scans.WaitAsync(scan.ScanId, NodePair.Patience, null, CancellationToken.None);

        Finding[] found = [.. pair.Console.Store.ReadFindings(scan.ScanId)];
        Assert.Equal(["127.0.0.1", null], found.Select(finding => finding.Address));
        Assert.All(found, finding => Assert.Null(finding.Found));
    }

    private static IEnumerable<ScanBatch> Play(ScanStart start, ScanPlan plan)
    {
        yield return new ScanBatch
        {
            Number = 1,
            Findings = [.. Enumerable.Range(0, 2).Select(
                i => new Finding(i, plan.Targets[i], 9, PortState.Closed, null, null))],
            Cursor = 2,
            TargetsTotal = 2,
            TargetsDone = 2,
            Final = ScanState.Completed,
        };
    }

    private static async Task<IReadOnlyList<Finding>> ScanAsync(NodePair pair, CommunicationDirection way, bool knows)
    {
        await using PlayedConsole console = PlayedConsole.Start(pair, way, knows);
        PeerChannel channel = await console.OpenAsync();
        await channel.AskAsync<ScanSyncReply>(Methods.ScanSync, new ScanSync { Scans = [] }, CancellationToken.None);
        var start = new ScanStart
        {
            ScanId = Guid.NewGuid(),
            Attempt = 1,
            Targets = ["localhost"],
            Ports = "9",
            TimeoutMs = 1000,
            Parallelism = 1,
            MaxRate = 0,
            BannerTimeoutMs = 0,
        };
        await channel.AskAsync<Done>(Methods.ScanStart, start, CancellationToken.None);
        var found = new List<Finding>();
        ScanDataMessage message;
        do
        {
            message = await console.TakeAsync();
            found.AddRange(message.Batch.Findings);
        }
        while (message.Batch.Final is null);
        await channel.DisposeAsync();
        return found;
    }
}
