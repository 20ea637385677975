using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Scans;

namespace ScanEngineAdmin.Core.Tests.EndToEnd;

/// <summary>
/// A scan is under way when a node is replaced by one of a version whose limits forbid it: it ends and says so, instead
/// of being tried for ever.
/// </summary>
[Trait("Speed", "Slow")]
public sealed class NewerLimitsTests
{
    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task What_a_newer_engine_forbids_is_refused_by_it_and_keeps_what_was_found(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        using var targets = new ScanTargets();
        ScanRecord scan = await targets.HeldAsync(pair);
        await pair.StopEngineAsync();
        pair.Engine.Store.UpdateScan(
            pair.PairingId, scan.ScanId, now => now with { Request = Forbidden(now.Request) });
        await pair.StartEngineAsync();

        ScanRecord failed = await pair.EndAsync(scan.ScanId);

        Assert.Equal((ScanState.Failed, ScanCause.Refused, 1), (failed.State, failed.Cause, failed.Attempt));
        Assert.StartsWith("ScanRefused: by the limits of this engine's version", failed.Detail);
        Assert.True(failed.FindingCount > 0);
        await pair.UntilEngineStoreAsync(() => pair.Engine.Store.ListScans(), left => left.Count == 0);
        await targets.RunAsync(pair);
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task What_a_newer_console_forbids_is_refused_by_it_and_ends_at_the_engine(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        using var targets = new ScanTargets();
        ScanRecord scan = await targets.HeldAsync(pair);
        await pair.StopConsoleAsync();
        pair.Console.Store.UpdateScan(scan.ScanId, now => now with { Request = Forbidden(now.Request) });
        await pair.StartConsoleAsync();
        targets.LetOneOn();

        ScanRecord failed = await pair.EndAsync(scan.ScanId);

        Assert.Equal((ScanState.Failed, ScanCause.Refused, 1), (failed.State, failed.Cause, failed.Attempt));
        Assert.StartsWith("ScanRefused: by the limits of this console's version", failed.Detail);
        await pair.UntilEngineStoreAsync(() => pair.Engine.Store.ListScans(), left => left.Count == 0);
        await targets.RunAsync(pair);
    }

    private static ScanRequest Forbidden(ScanRequest request) =>
        request with { Timeout = ScanLimits.MaxTimeout + TimeSpan.FromSeconds(1) };
}
