using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Scans;

namespace ScanEngineAdmin.Core.Tests.EndToEnd;

/// <summary>What a scan excludes is never asked, whatever engine it goes to.</summary>
[Trait("Speed", "Slow")]
public sealed class ScanExclusionTests
{
    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task Nothing_that_is_excluded_is_asked_and_the_rest_is(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        ScanRecord scan = pair.Console.Scans.Add(pair.PairingId, new ScanRequest
        {
            Targets = ["127.0.0.1-4 # all", "localhost"],
            Exclude = ["127.0.0.1, 127.0.0.3", "::1"],
            Ports = "9",
        });

        ScanRecord done = await pair.EndAsync(scan.ScanId);

        Assert.Equal(ScanState.Completed, done.State);
        Assert.Equal(
            ["127.0.0.2", "127.0.0.4"],
            pair.Console.Store.ReadFindings(scan.ScanId).Select(finding => finding.Target));
        Assert.Contains("is excluded", done.Detail, StringComparison.Ordinal);
        Assert.Equal(["127.0.0.1-4", "localhost"], done.Request.Targets);
        Assert.Equal(["127.0.0.1", "127.0.0.3", "::1"], done.Request.Exclude);
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task An_engine_of_before_gets_addresses_without_them_and_nothing_with_names(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        await pair.StopEngineAsync();
        var started = new List<IReadOnlyList<string>>();
        await using PlayedEngine engine = await PlayedEngine.StartAsync(pair, way, terms: false, (start, plan) =>
        {
            started.Add(start.Targets);
            return
            [
                new ScanBatch
                {
                    Number = 1,
                    Findings = [],
                    Cursor = plan.Units,
                    TargetsTotal = plan.Targets.Count,
                    TargetsDone = plan.Targets.Count,
                    Final = ScanState.Completed,
                },
            ];
        });
        ScanRecord addresses = pair.Console.Scans.Add(pair.PairingId, new ScanRequest
        {
            Targets = ["10.0.0.0/29"],
            Exclude = ["10.0.0.2"],
            Ports = "9",
        });
        ScanRecord names = pair.Console.Scans.Add(pair.PairingId, new ScanRequest
        {
            Targets = ["10.0.0.0/29", "db.test"],
            Exclude = ["10.0.0.2"],
            Ports = "9",
        });

        ScanRecord refused = await pair.EndAsync(names.ScanId);
        await pair.EndAsync(addresses.ScanId);

        Assert.Equal((ScanState.Failed, ScanCause.Refused), (refused.State, refused.Cause));
        Assert.Contains("too old", refused.Detail, StringComparison.Ordinal);
        Assert.Equal(["10.0.0.0-10.0.0.1", "10.0.0.3-10.0.0.7"], Assert.Single(started));
        Assert.DoesNotContain("exclude", engine.Members, StringComparer.OrdinalIgnoreCase);
    }
}
