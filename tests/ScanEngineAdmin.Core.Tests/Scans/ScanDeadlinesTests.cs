using ScanEngineAdmin.Core.Console;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Scans;

/// <summary>How much time a scan has left, whatever the clock does.</summary>
public sealed class ScanDeadlinesTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private readonly ManualTime _time = new();

    [Fact]
    public void A_scan_without_a_deadline_has_no_bound() =>
        Assert.Null(new ScanDeadlines(_time).Left(Scan() with { Deadline = null }));

    [Fact]
    public void Elapsed_time_counts_and_no_jump_of_the_clock_does()
    {
        var deadlines = new ScanDeadlines(_time);
        ScanRecord scan = Scan();
        Assert.Equal(2 * Hour, deadlines.Left(scan));

        _time.Jump(TimeSpan.FromDays(300));
        Assert.Equal(2 * Hour, deadlines.Left(scan));
        _time.Jump(-TimeSpan.FromDays(900));
        Assert.Equal(2 * Hour, deadlines.Left(scan));
        _time.Advance(3 * Hour);
        Assert.Equal(-Hour, deadlines.Left(scan));
    }

    [Fact]
    public void A_console_that_starts_asks_the_clock_and_gives_no_more_than_was_given_at_first()
    {
        ScanRecord scan = Scan();
        _time.Advance(Hour);
        Assert.Equal(Hour, new ScanDeadlines(_time).Left(scan));

        _time.Jump(-TimeSpan.FromDays(30));
        Assert.Equal(2 * Hour, new ScanDeadlines(_time).Left(scan));
        _time.Jump(TimeSpan.FromDays(60));
        Assert.True(new ScanDeadlines(_time).Left(scan) < TimeSpan.Zero);
    }

    [Fact]
    public void A_new_deadline_counts_anew_and_what_is_finished_is_forgotten()
    {
        var deadlines = new ScanDeadlines(_time);
        ScanRecord scan = Scan();
        deadlines.Left(scan);
        _time.Advance(3 * Hour);

        ScanRecord resumed = scan with { Deadline = _time.GetUtcNow() + Hour, DeadlineAfter = Hour };
        Assert.Equal(Hour, deadlines.Left(resumed));
        _time.Jump(10 * Hour);
        deadlines.Keep([scan.ScanId]);
        Assert.Equal(Hour, deadlines.Left(resumed));
        deadlines.Keep([]);
        Assert.Equal(-9 * Hour, deadlines.Left(resumed));
    }

    private ScanRecord Scan() => new()
    {
        ScanId = Guid.NewGuid(),
        PairingId = Guid.NewGuid(),
        EngineName = "lab",
        Request = new ScanRequest { Targets = ["10.0.0.1"], Ports = "22" },
        State = ScanState.Running,
        Queued = _time.GetUtcNow(),
        Deadline = _time.GetUtcNow() + (2 * Hour),
        DeadlineAfter = 2 * Hour,
    };
}
