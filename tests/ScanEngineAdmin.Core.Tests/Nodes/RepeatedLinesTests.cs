using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Nodes;

/// <summary>A fault that lasts is said once, and then at growing intervals.</summary>
public sealed class RepeatedLinesTests
{
    [Fact]
    public void A_day_of_one_fault_five_times_a_second_is_a_handful_of_lines_that_count_the_others()
    {
        var time = new ManualTime();
        var lines = new RepeatedLines(time);
        List<string> notes = [];
        for (int turn = 0; turn < 24 * 60 * 60 * 5; turn++)
        {
            if (lines.MayLog("full", out string note))
            {
                notes.Add(note);
            }

            time.Advance(TimeSpan.FromMilliseconds(200));
        }

        Assert.InRange(notes.Count, 24, 36);
        Assert.Equal(string.Empty, notes[0]);
        Assert.Contains("149 more lines", notes[1], StringComparison.Ordinal);
        Assert.True(lines.MayLog("another", out _));
        time.Advance(TimeSpan.FromHours(3));
        Assert.True(lines.MayLog("full", out string after));
        Assert.Equal(string.Empty, after);
    }
}
