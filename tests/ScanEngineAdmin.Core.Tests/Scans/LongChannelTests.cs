using ScanEngineAdmin.Core.Console;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Domain.Scans;

namespace ScanEngineAdmin.Core.Tests.Scans;

/// <summary>What a console remembers of a channel does not grow with the scans that went over it.</summary>
public sealed class LongChannelTests
{
    [Fact]
    public void Attempts_that_are_over_and_scans_that_there_never_were_are_not_remembered()
    {
        var met = new SeenAttempts();
        for (int i = 0; i < 1000; i++)
        {
            var scan = Guid.NewGuid();
            met.Note(scan, 1, BatchOutcome.Fenced, final: false);
            met.Note(scan, 2, BatchOutcome.Stored, final: false);
            met.Note(scan, 2, BatchOutcome.Stored, final: true);

            Assert.True(met.IsFirst(scan, 1));
            Assert.True(met.IsFirst(scan, 2));
        }
    }

    [Fact]
    public void The_first_data_of_every_attempt_is_told_from_what_follows()
    {
        var met = new SeenAttempts();
        var scan = Guid.NewGuid();
        Assert.True(met.IsFirst(scan, 1));
        met.Note(scan, 1, BatchOutcome.OutOfOrder, final: true);
        Assert.False(met.IsFirst(scan, 1));
        Assert.True(met.IsFirst(scan, 2));
        met.Note(scan, 2, BatchOutcome.Stored, final: false);

        // What is left of an earlier attempt comes late.
        met.Note(scan, 1, BatchOutcome.Fenced, final: false);

        Assert.False(met.IsFirst(scan, 2));
    }

    [Fact]
    public void What_was_confirmed_of_scans_that_are_finished_is_forgotten()
    {
        var channel = new LinkChannel(null!, new HelloFacts()) { Synced = true };
        channel.Confirmed.Add((Guid.NewGuid(), 1, false));
        channel.Confirmed.Add((Guid.NewGuid(), 1, true));

        ScanDispatch.ForgetFinished(channel, []);

        Assert.Empty(channel.Confirmed);
    }
}
