using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Scanning.Plan;

namespace ScanEngineAdmin.Core.Tests.Scans;

/// <summary>What becomes of a part, and of the scan that it is of.</summary>
public sealed class PoolOutcomeTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(15);
    private static readonly Guid Engine = Guid.NewGuid();

    [Theory]
    [InlineData(ScanState.Completed, "", 1, ScanState.Completed, ScanCause.None)]
    [InlineData(ScanState.Stopped, "", 1, ScanState.Failed, ScanCause.EngineFailed)]
    [InlineData(ScanState.Failed, "DeadlinePassed: the engine stopped it.", 1, ScanState.Failed, ScanCause.EngineFailed)]
    [InlineData(ScanState.Failed, "DeadlinePassed: the engine stopped it.", 15, ScanState.Stopped, ScanCause.None)]
    [InlineData(ScanState.Failed, "ScanRefused: 10.0.0.1 is not allowed.", 1, ScanState.Failed, ScanCause.Refused)]
    [InlineData(ScanState.Failed, "no ports", 1, ScanState.Failed, ScanCause.EngineFailed)]
    public void An_engine_that_ends_a_part_too_soon_or_unasked_fails(
        ScanState said, string detail, int minutes, ScanState state, ScanCause cause)
    {
        ScanRecord part = Scan(said) with { Detail = detail, Queued = Now.AddMinutes(-minutes) };
        ScanRecord ended = PartOutcome.Settle(part, Now, Lease);
        Assert.Equal((state, cause), (ended.State, ended.Cause));
    }

    [Fact]
    public void One_that_was_asked_to_end_it_or_ends_it_at_the_deadline_does_not()
    {
        ScanRecord stopped = Scan(ScanState.Stopped);
        foreach (ScanRecord asked in new[]
        {
            stopped with { StopRequested = true },
            stopped with { Suspension = ScanSuspension.Asked },
            stopped with { State = ScanState.Failed, Detail = "DeadlinePassed: x", Deadline = Now.AddSeconds(4) },
        })
        {
            ScanRecord ended = PartOutcome.Settle(asked, Now, Lease);
            Assert.Equal((ScanState.Stopped, ScanCause.None), (ended.State, ended.Cause));
        }
    }

    [Fact]
    public void A_scan_ends_only_when_no_engine_has_a_part_of_it()
    {
        ScanRecord scan = Scan(ScanState.Running) with { IsPool = true, StopRequested = true };
        ScanPart runs = Part(0, 5, ScanState.Running);
        ScanPart waits = Part(5, 5, ScanState.Queued);

        PoolStep asked = Settle(scan, runs, waits);
        Assert.Equal(ScanState.Running, asked.Scan.State);
        Assert.True(asked.Parts[runs.ScanId](Scan(ScanState.Running)).StopRequested);
        Assert.Equal(ScanState.Stopped, asked.Parts[waits.ScanId](Scan(ScanState.Queued)).State);

        PoolStep over = Settle(scan, runs with { State = ScanState.Stopped, Cursor = 2 });
        Assert.Equal((ScanState.Stopped, ScanCause.StoppedByUser), (over.Scan.State, over.Scan.Cause));
        Assert.Equal(
            ScanState.Completed,
            Settle(scan, runs with { State = ScanState.Completed }, waits with { State = ScanState.Completed })
                .Scan.State);
    }

    [Fact]
    public void What_fails_too_often_is_left_out_in_the_end_and_an_engine_that_is_away_is_waited_for()
    {
        ScanRecord scan = Scan(ScanState.Running) with { IsPool = true, MaxAttempts = 1 };
        ScanPart failed = Part(0, 10, ScanState.Failed) with { Cause = ScanCause.EngineFailed, Cursor = 4 };

        ScanRecord ended = Settle(scan, failed).Scan;
        Assert.Equal((ScanState.Failed, ScanCause.RetriesExhausted), (ended.State, ended.Cause));
        Assert.StartsWith("6 attempts were not made", ended.Detail, StringComparison.Ordinal);

        // Without anybody who could do it there is nothing to say yet, nor when it may be done again.
        Assert.Equal(ScanState.Running, Settle(scan, [failed], members: []).Scan.State);
        Assert.Equal(ScanState.Running, Settle(scan with { MaxAttempts = 2 }, failed).Scan.State);
    }

    [Fact]
    public void A_part_that_was_withdrawn_keeps_what_it_has_and_its_rest_is_open()
    {
        ScanRecord part = PartOutcome.Withdraw(Scan(ScanState.Running), Now);
        Assert.Equal((ScanState.Stopped, ScanCause.LinkLost, Now), (part.State, part.Cause, part.Finished));
        Assert.Equal(ScanState.Completed, PartOutcome.Withdraw(Scan(ScanState.Completed), Now).State);
        var ledger = new PartLedger(10, 1, 1, 3, [Part(0, 10, ScanState.Stopped) with { Cursor = 4 }]);
        Assert.Equal([new PartRange(4, 10)], ledger.Open);
    }

    [Fact]
    public void An_engine_that_refused_as_many_parts_as_it_may_is_given_no_more_of_that_scan()
    {
        var other = Guid.NewGuid();
        ScanPart[] refused =
        [
            .. Enumerable.Range(0, PartLedger.MaxRefusals).Select(
                unit => Part(unit, 1, ScanState.Failed) with { Cause = ScanCause.Refused }),
        ];
        Assert.Equal(new PartRange(PartLedger.MaxRefusals - 1, 1000), Next(refused[..^1], Engine));
        Assert.Null(Next(refused, Engine));

        // Of this scan: neither another engine's parts nor those of a later round.
        Assert.Equal(0, Next(refused, other)?.First);
        Assert.NotNull(Next([.. refused.Select(part => part with { Round = 0 })], Engine));

        PartRange? Next(ScanPart[] parts, Guid engine) =>
            new PartLedger(1000, 1, 1, 3, parts).Next(engine, [Engine, other]);
    }

    private static PoolStep Settle(ScanRecord scan, params ScanPart[] parts) => Settle(scan, parts, [Engine]);

    private static PoolStep Settle(ScanRecord scan, ScanPart[] parts, Guid[] members) => PoolOutcome.Settle(
        new PoolView(scan, null, parts, []),
        new PartLedger(10, 1, scan.Attempt, scan.MaxAttempts, parts),
        members,
        Now);

    private static ScanPart Part(long first, long units, ScanState state) => new()
    {
        ScanId = Guid.NewGuid(),
        PairingId = Engine,
        EngineName = "lab",
        First = first,
        Units = units,
        State = state,
        Round = 1,
        Given = Now,
    };

    private static ScanRecord Scan(ScanState state) => new()
    {
        ScanId = Guid.NewGuid(),
        PairingId = Engine,
        EngineName = "lab",
        Request = new ScanRequest { Targets = ["10.0.0.1-10.0.0.10"], Ports = "80" },
        State = state,
        Attempt = 1,
        Queued = Now,
        FindingCount = 10,
        TargetsTotal = 10,
    };
}
