using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Scanning.Plan;

namespace ScanEngineAdmin.Core.Tests.Scans;

/// <summary>What becomes of a scan, rule by rule.</summary>
public sealed class ScanOutcomeTests
{
    private static readonly DateTimeOffset Now = new(2030, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly ScanRetry Retry = new(TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(5));

    [Fact]
    public void One_that_is_completed_has_no_cause_even_if_it_was_asked_to_stop()
    {
        ScanRecord scan = Scan(ScanState.Completed) with { StopRequested = true, Cause = ScanCause.DeadlinePassed };

        Assert.Equal((ScanState.Completed, ScanCause.None), End(ScanOutcome.Settle(scan, Now, Retry)));
    }

    [Theory]
    [InlineData(ScanCause.LinkLost)]
    [InlineData(ScanCause.SpoolFull)]
    [InlineData(ScanCause.ConsoleFull)]
    [InlineData(ScanCause.QuotaReached)]
    public void What_kept_one_until_its_last_data_stays_to_be_read(ScanCause kept)
    {
        foreach (ScanState state in (ScanState[])[ScanState.Completed, ScanState.Stopped, ScanState.Failed])
        {
            ScanRecord scan = Scan(state) with { Cause = kept, CauseSince = Now, StopRequested = true };
            foreach (ScanRecord end in (ScanRecord[])[
                ScanOutcome.Settle(scan, Now, Retry), PartOutcome.Settle(scan, Now, TimeSpan.FromMinutes(10))])
            {
                Assert.Equal((kept, 1), (end.LastInterruption, end.Interruptions));
                Assert.NotEqual(kept, end.Cause);
            }
        }
    }

    [Fact]
    public void A_stop_by_the_user_and_one_by_the_deadline_are_told_apart()
    {
        ScanRecord stopped = Scan(ScanState.Stopped) with { StopRequested = true };
        Assert.Equal((ScanState.Stopped, ScanCause.StoppedByUser), End(ScanOutcome.Settle(stopped, Now, Retry)));

        ScanRecord overdue = stopped with { Cause = ScanCause.DeadlinePassed };
        Assert.Equal((ScanState.Failed, ScanCause.DeadlinePassed), End(ScanOutcome.Settle(overdue, Now, Retry)));
    }

    [Theory]
    [InlineData("DeadlinePassed: the engine stopped it.", ScanCause.DeadlinePassed)]
    [InlineData("ScanRefused: not from here.", ScanCause.Refused)]
    [InlineData("TargetInvalid: what is that?", ScanCause.Refused)]
    public void What_no_second_run_would_change_is_not_run_again(string detail, ScanCause cause)
    {
        ScanRecord failed = ScanOutcome.Settle(Scan(ScanState.Failed) with { Detail = detail }, Now, Retry);

        Assert.Equal((ScanState.Failed, cause), End(failed));
        Assert.Equal(0, failed.FailedAttempts);
    }

    [Fact]
    public void An_engine_that_sees_the_deadline_pass_much_too_early_does_not_decide()
    {
        ScanRecord scan = Scan(ScanState.Failed) with
        {
            Detail = "DeadlinePassed: the engine stopped it.",
            Deadline = Now.AddHours(1),
        };

        Assert.Equal((ScanState.Queued, ScanCause.EngineFailed), End(ScanOutcome.Settle(scan, Now, Retry)));
        Assert.Equal(
            (ScanState.Failed, ScanCause.DeadlinePassed),
            End(ScanOutcome.Settle(scan with { Deadline = Now.AddSeconds(1) }, Now, Retry)));
        Assert.Equal(
            (ScanState.Failed, ScanCause.DeadlinePassed),
            End(ScanOutcome.Settle(scan with { Cause = ScanCause.DeadlinePassed }, Now, Retry)));
    }

    [Fact]
    public void A_scanner_that_fails_is_tried_again_after_a_rest_that_doubles_until_the_attempts_are_used_up()
    {
        ScanRecord scan = Scan(ScanState.Failed) with { Detail = "no sockets", MaxAttempts = 3, Cursor = 70 };

        ScanRecord second = ScanOutcome.Settle(scan, Now, Retry);
        Assert.Equal((ScanState.Queued, ScanCause.EngineFailed), End(second));
        Assert.Equal((Now.AddSeconds(10), 70L, null), (second.NotBefore, second.Cursor, second.Finished));

        ScanRecord third = ScanOutcome.Settle(second with { State = ScanState.Failed }, Now, Retry);
        Assert.Equal((ScanState.Queued, Now.AddSeconds(20)), (third.State, third.NotBefore));

        ScanRecord last = ScanOutcome.Settle(third with { State = ScanState.Failed }, Now, Retry);
        Assert.Equal((ScanState.Failed, ScanCause.RetriesExhausted), End(last));
        Assert.Equal("EngineFailed, the last of 3 runs: no sockets", last.Detail);
    }

    [Fact]
    public void With_one_attempt_the_cause_itself_is_the_end()
    {
        ScanRecord scan = Scan(ScanState.Running) with { MaxAttempts = 1 };

        Assert.Equal((ScanState.Failed, ScanCause.SpoolLost), End(ScanOutcome.Lost(scan, Now, Retry)));
        Assert.Equal(
            (ScanState.Failed, ScanCause.EngineFailed),
            End(ScanOutcome.Settle(scan with { State = ScanState.Failed }, Now, Retry)));
    }

    [Fact]
    public void A_lost_one_that_was_to_stop_is_not_run_again()
    {
        ScanRecord scan = Scan(ScanState.Running) with { StopRequested = true };

        Assert.Equal((ScanState.Stopped, ScanCause.StoppedByUser), End(ScanOutcome.Lost(scan, Now, Retry)));
        Assert.Equal(
            (ScanState.Failed, ScanCause.DeadlinePassed),
            End(ScanOutcome.Lost(scan with { Cause = ScanCause.DeadlinePassed }, Now, Retry)));
        ScanRecord completed = Scan(ScanState.Completed);
        Assert.Same(completed, ScanOutcome.Lost(completed, Now, Retry));
    }

    [Fact]
    public void Whether_the_link_was_lost_or_the_engine_restarted_its_process_tells()
    {
        var boot = Guid.NewGuid();
        ScanRecord cut = Scan(ScanState.Running) with
        {
            EngineBootId = boot,
            Cause = ScanCause.LinkLost,
            CauseSince = Now,
        };

        ScanRecord same = ScanOutcome.Back(cut, boot);
        Assert.Equal(
            (ScanCause.None, null, ScanCause.LinkLost, 1),
            (same.Cause, same.CauseSince, same.LastInterruption, same.Interruptions));
        ScanRecord restarted = ScanOutcome.Back(same, Guid.NewGuid());
        Assert.Equal((ScanCause.EngineRestarted, 2), (restarted.LastInterruption, restarted.Interruptions));
        Assert.Equal(same, ScanOutcome.Back(same, boot));
    }

    [Fact]
    public void A_deadline_that_passed_stays_the_cause_when_the_engine_is_back()
    {
        var boot = Guid.NewGuid();
        ScanRecord scan = Scan(ScanState.Running) with { Cause = ScanCause.DeadlinePassed, EngineBootId = boot };

        Assert.Equal(ScanCause.DeadlinePassed, ScanOutcome.Back(scan, boot).Cause);
        Assert.Equal(ScanCause.DeadlinePassed, ScanOutcome.Back(scan, Guid.NewGuid()).Cause);
    }

    [Fact]
    public void A_rest_is_bounded_also_when_the_clock_was_set_back()
    {
        Assert.Equal(TimeSpan.FromMinutes(5), Retry.After(1000));
        ScanRecord scan = Scan(ScanState.Queued) with { NotBefore = Now.AddMinutes(5) };

        Assert.Equal(TimeSpan.FromMinutes(5), Retry.Left(scan, Now));
        Assert.Equal(TimeSpan.Zero, Retry.Left(scan, Now.AddMinutes(5)));
        Assert.Equal(TimeSpan.Zero, Retry.Left(scan, Now.AddDays(-1)));
        Assert.Equal(TimeSpan.Zero, Retry.Left(scan with { NotBefore = null }, Now));
    }

    private static (ScanState State, ScanCause Cause) End(ScanRecord scan) => (scan.State, scan.Cause);

    private static ScanRecord Scan(ScanState state) => new()
    {
        ScanId = Guid.NewGuid(),
        PairingId = Guid.NewGuid(),
        EngineName = "lab",
        Request = new ScanRequest { Targets = ["10.0.0.1"], Ports = "22" },
        State = state,
        Attempt = 1,
        Queued = Now,
        Finished = state is ScanState.Running or ScanState.Queued ? null : Now,
    };
}
