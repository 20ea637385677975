using System.Net;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Core.Tests.Pairing;

namespace ScanEngineAdmin.Core.Tests.Security;

/// <summary>Noise is bounded and counted, and hides nothing of another kind.</summary>
public sealed class PeerNotesTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public void A_paired_peer_that_comes_and_goes_writes_so_many_lines_and_what_is_left_out_is_counted()
    {
        var notes = new PeerNotes(_time);
        var noisy = Guid.NewGuid();
        Assert.True(notes.MayLog(noisy, "opened", out string first));
        Assert.Empty(first);
        string last = string.Empty;
        int lines = 1 + Enumerable.Range(0, 500).Count(i =>
        {
            bool logged = notes.MayLog(noisy, "opened", out string note);
            last = logged ? note : last;
            return logged;
        });

        Assert.Equal(PeerNotes.LinesPerKind, lines);
        Assert.Contains("no more lines like this", last, StringComparison.Ordinal);
        Assert.True(notes.MayLog(noisy, "closed", out _));
        Assert.True(notes.MayLog(Guid.NewGuid(), "opened", out _));

        _time.Advance(PeerNotes.Window);
        Assert.True(notes.MayLog(noisy, "opened", out string told));
        Assert.Contains($"{501 - PeerNotes.LinesPerKind} more", told, StringComparison.Ordinal);
        Assert.True(notes.MayLog(noisy, "opened", out string after));
        Assert.Empty(after);
    }

    [Fact]
    public void The_first_line_of_a_kind_is_heard_through_any_noise_of_another()
    {
        var notes = new StrangerNotes(_time);
        var one = IPAddress.Parse("192.0.2.1");
        for (int i = 0; i < 100; i++)
        {
            notes.MayLog(one, "probe", out _);
        }

        Assert.True(notes.MayLog(one, "another key", out long leftOut));
        Assert.Equal(100 - StrangerNotes.LinesPerAddress, leftOut);
        Assert.False(notes.MayLog(one, "another key", out _));

        for (int i = 0; i < 1000; i++)
        {
            notes.MayLog(new IPAddress([198, 51, (byte)(i / 250), (byte)i]), "probe", out _);
        }

        Assert.False(notes.MayLog(IPAddress.Parse("192.0.2.2"), "probe", out _));
        Assert.True(notes.MayLog(IPAddress.Parse("192.0.2.3"), "accepting", out _));
    }
}
