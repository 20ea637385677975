using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Scanning.Plan;

namespace ScanEngineAdmin.Core.Tests.Scans;

/// <summary>
/// What an engine is given of a pool's scan: never more than its share of the rate, nor more than it does in its time; and
/// nothing while it rests, because it failed or its part was taken back.
/// </summary>
public sealed class PartPlannerTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan First = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(15);
    private static readonly Guid[] Engines = [Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid()];

    [Theory]
    [InlineData(1, 10)]
    [InlineData(2, 20)]
    [InlineData(3, 40)]
    [InlineData(20, 300)]
    public void An_engine_whose_parts_fail_one_after_the_other_rests_longer_and_longer(int failures, int seconds)
    {
        ScanPart[] failed = [.. Enumerable.Range(0, failures).Select(i => Part(i, ScanState.Failed, ScanCause.EngineFailed))];

        Assert.Null(Offer(failed, Now + TimeSpan.FromSeconds(seconds - 1)));
        Assert.NotNull(Offer(failed, Now + TimeSpan.FromSeconds(seconds + 1)));

        // Another engine does not rest for that, and neither does one whose latest part went well.
        Assert.NotNull(Offer(failed, Now, engine: 1));
        Assert.NotNull(Offer([.. failed, Part(failures, ScanState.Completed, ScanCause.None)], Now));

        // Further off than any rest can be, the clock was set back.
        Assert.NotNull(Offer(failed, Now - (2 * Longest)));
    }

    [Theory]
    [InlineData(ScanState.Stopped, ScanCause.LinkLost, true)]
    [InlineData(ScanState.Failed, ScanCause.ProtocolViolation, true)]
    [InlineData(ScanState.Failed, ScanCause.SpoolLost, true)]
    [InlineData(ScanState.Failed, ScanCause.Refused, false)]
    [InlineData(ScanState.Stopped, ScanCause.None, false)]
    public void One_whose_part_was_taken_back_or_held_what_was_not_in_it_rests_too(
        ScanState state, ScanCause cause, bool rests) =>
        Assert.Equal(rests, Offer([Part(0, state, cause)], Now + TimeSpan.FromSeconds(1)) is null);

    [Theory]
    [InlineData(30, 10, 10, 10)]
    [InlineData(10, 3, 3, 3)]
    [InlineData(2, 1, 1, 0)]
    public void All_of_them_together_have_the_rate_of_the_scan(int rate, params int[] shares)
    {
        List<ScanPart> parts = [];
        for (int engine = 0; engine < Engines.Length; engine++)
        {
            PartOffer? offer = Offer(parts, Now, engine, rate);
            Assert.Equal(shares[engine], offer?.Rate ?? 0);
            if (offer is { } given)
            {
                parts.Add(Part(given.Targets.First, ScanState.Running, ScanCause.None) with
                {
                    PairingId = Engines[engine],
                    Units = given.Targets.Units,
                    MaxRate = given.Rate,
                });
            }
        }
    }

    [Fact]
    public void A_part_is_no_more_than_its_engine_does_in_half_of_its_time()
    {
        // Ten units in a second, so far.
        ScanPart measured = Part(0, ScanState.Completed, ScanCause.None) with
        {
            Units = 10,
            Cursor = 10,
            Given = Now - TimeSpan.FromSeconds(1),
            Finished = Now,
        };
        var ledger = new PartLedger(10_000_000, 1, 1, 3, [measured]);

        PartOffer offer = PartPlanner.Offer(ledger, 1, Engines[0], [Engines[0]], Terms(Now, 0))!.Value;

        Assert.Equal((long)(10 * Lease.TotalSeconds / 2), offer.Targets.Units);
    }

    private static PartOffer? Offer(
        IReadOnlyList<ScanPart> parts, DateTimeOffset now, int engine = 0, int rate = 0) => PartPlanner.Offer(
            new PartLedger(1000, 1, 1, 100, parts), 1, Engines[engine], Engines, Terms(now, rate));

    private static PartTerms Terms(DateTimeOffset now, int rate) =>
        new(Lease, new ScanRetry(First, Longest), rate, now);

    private static ScanPart Part(long first, ScanState state, ScanCause cause) => new()
    {
        ScanId = Guid.NewGuid(),
        PairingId = Engines[0],
        EngineName = "lab",
        First = first,
        Units = 1,
        State = state,
        Cause = cause,
        Round = 1,
        Given = Now.AddTicks(first),
        Finished = state == ScanState.Running ? null : Now,
    };
}
