using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Console;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Scans;

/// <summary>When a reverse engine that does not come is looked for by a dial.</summary>
public sealed class OverdueEngineDialerTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(5);

    private static readonly EngineRecord Missed = new()
    {
        PairingId = Guid.NewGuid(),
        Name = "lab",
        Direction = CommunicationDirection.EngineToConsole,
        ObservedAddress = "192.0.2.7",
        State = EngineState.Paired,
        Registered = DateTimeOffset.UnixEpoch,
    };

    private readonly ManualTime _time = new();
    private readonly OverdueEngineDialer _look;
    private int _dials;
    private int _failed;
    private bool _there;

    public OverdueEngineDialerTests() => _look = new OverdueEngineDialer(
        _time,
        new ConsoleNodeOptions { OverdueInterval = Interval },
        () => _there,
        () => null,
        (_, _) =>
        {
            _dials++;
            throw new ChannelException(ChannelFault.ConnectionRefused, ChannelStage.Connect, "192.0.2.7", "Refused.");
        },
        (_, _) => _failed++);

    [Fact]
    public async Task It_is_looked_for_after_the_interval_and_then_less_often_up_to_an_hour()
    {
        await PassAsync(Interval * 0.88);
        Assert.Equal(0, _dials);
        await PassAsync(Interval * 0.24);
        Assert.Equal((1, 1), (_dials, _failed));

        // The first came after 0.9 to 1.1 of it, the second one to two later, the third not before another two.
        await PassAsync(Interval * 0.75);
        Assert.Equal(1, _dials);
        await PassAsync(Interval * 1.45);
        Assert.Equal(2, _dials);

        await PassAsync(TimeSpan.FromHours(48));
        Assert.InRange(_dials, 2 + 46, 2 + 104);
    }

    [Fact]
    public async Task An_engine_that_came_in_between_is_not_dialled_before_another_whole_interval()
    {
        await PassAsync(Interval * 0.88);
        _look.Found();
        await PassAsync(Interval * 0.88);
        Assert.Equal(0, _dials);
        await PassAsync(Interval * 0.24);
        Assert.Equal(1, _dials);

        // It had been looked for again and again before it came.
        await PassAsync(TimeSpan.FromHours(24));
        _look.Found();
        _dials = 0;
        await PassAsync(Interval * 0.88);
        Assert.Equal(0, _dials);
        await PassAsync(Interval * 0.24);
        Assert.Equal(1, _dials);
        await PassAsync(Interval * 2.2);
        Assert.Equal(2, _dials);
    }

    [Fact]
    public async Task One_that_is_there_or_is_dialled_anyway_or_has_no_address_is_not_looked_for()
    {
        _there = true;
        Assert.Null(await _look.StepAsync(Missed, CancellationToken.None));
        _there = false;
        Assert.Null(await _look.StepAsync(
            Missed with { Direction = CommunicationDirection.ConsoleToEngine }, CancellationToken.None));
        Assert.Null(await _look.StepAsync(Missed with { ObservedAddress = null }, CancellationToken.None));
        Assert.NotNull(await _look.StepAsync(Missed, CancellationToken.None));
    }

    /// <summary>The link looks whenever it is woken, and when it is told to.</summary>
    private async Task PassAsync(TimeSpan time)
    {
        TimeSpan end = _time.GetElapsedTime(0) + time;
        await _look.StepAsync(Missed, CancellationToken.None);
        while (_time.GetElapsedTime(0) < end)
        {
            TimeSpan left = end - _time.GetElapsedTime(0);
            TimeSpan step = left < TimeSpan.FromSeconds(20) ? left : TimeSpan.FromSeconds(20);
            _time.Pass(step);
            TimeSpan? next = await _look.StepAsync(Missed, CancellationToken.None);
            Assert.InRange(next!.Value, TimeSpan.Zero, TimeSpan.FromHours(1));
        }
    }
}
