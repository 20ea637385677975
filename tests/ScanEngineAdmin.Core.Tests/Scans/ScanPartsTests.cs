using FsCheck;
using FsCheck.Fluent;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Scanning;
using ScanEngineAdmin.Scanning.Connect;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Scans;

public sealed class ScanPartsTests
{
    [Fact]
    public void The_cursor_covers_exactly_the_gapless_start_in_whatever_order_units_finish()
    {
        Prop.ForAll<int>(seed =>
        {
            const long Start = 70_000;
            var random = new Random(seed);
            long[] order = Enumerable.Range(0, 300).Select(i => Start + i).ToArray();
            random.Shuffle(order);
            var done = new HashSet<long>();
            var prefix = new CompletedPrefix(Start);
            return order.All(unit =>
            {
                prefix.Mark(unit);
                done.Add(unit);
                long expected = Start;
                while (done.Contains(expected))
                {
                    expected++;
                }

                return prefix.Value == expected;
            });
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void The_window_is_full_at_its_length_and_moves_with_the_oldest_unit()
    {
        var prefix = new CompletedPrefix(0);
        for (long unit = 1; prefix.HasRoomFor(unit); unit++)
        {
            prefix.Mark(unit);
        }

        Assert.Equal(0, prefix.Value);
        Assert.False(prefix.HasRoomFor(CompletedPrefix.Window));
        prefix.Mark(0);
        Assert.Equal(CompletedPrefix.Window, prefix.Value);
        Assert.True(prefix.HasRoomFor(CompletedPrefix.Window));
    }

    [Fact]
    public void A_rate_is_kept_over_time_and_no_burst_is_saved_up()
    {
        var time = new ManualTime();
        var bucket = new RateBucket(100, time);
        int taken = 0;
        for (int tick = 0; tick < 100; tick++)
        {
            time.Pass(TimeSpan.FromMilliseconds(100));
            while (bucket.TryTake())
            {
                taken++;
            }
        }

        Assert.InRange(taken, 999, 1_001);
        time.Pass(TimeSpan.FromHours(1));
        int burst = 0;
        while (bucket.TryTake())
        {
            burst++;
        }

        Assert.Equal(20, burst);
    }

    [Theory]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n", "SSH-2.0-OpenSSH_9.2")]
    [InlineData("a\r\nb\tc", @"a\r\nb\tc")]
    [InlineData("\u001b[2J\\x", @"\x1B[2J\\x")]
    [InlineData(" \r\n\0", null)]
    public void A_banner_is_one_printable_line(string said, string? shown)
    {
        Assert.Equal(shown, BannerText.From(System.Text.Encoding.Latin1.GetBytes(said)));
    }

    [Fact]
    public void Any_banner_is_printable_and_within_its_limit()
    {
        Prop.ForAll<byte[]>(said =>
                BannerText.From(said.AsSpan(0, Math.Min(said.Length, BannerText.MaxRead))) is not { } text
            || (text.All(c => c is >= ' ' and <= '~') && text.Length <= ScanLimits.MaxBannerBytes))
            .QuickCheckThrowOnFailure();
    }
}
