using System.Net;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Core.Pairing;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Security;

/// <summary>What is remembered about strangers is bounded, and the oldest is forgotten for the newest.</summary>
public sealed class BoundedMemoryTests
{
    private const int Remembered = 4096;
    private static readonly IPAddress Elsewhere = IPAddress.Parse("2001:db8::1");
    private readonly ManualTime _time = new();

    [Fact]
    public void Of_too_many_addresses_with_wrong_secrets_the_oldest_is_forgotten()
    {
        var attempts = new SecretAttempts(_time);
        for (int i = 0; i < SecretAttempts.FreePerAddress; i++)
        {
            attempts.Wrong(Elsewhere, Guid.NewGuid(), known: false);
        }

        Crowd(Remembered - 1, address => attempts.Wrong(address, Guid.NewGuid(), known: false));
        Assert.NotNull(attempts.Wait(Elsewhere, Guid.NewGuid()));
        attempts.Wrong(IPAddress.Parse("2001:db8:1::1"), Guid.NewGuid(), known: false);
        Assert.Null(attempts.Wait(Elsewhere, Guid.NewGuid()));
    }

    [Fact]
    public void Of_too_many_known_secrets_with_wrong_proofs_the_oldest_is_forgotten()
    {
        var attempts = new SecretAttempts(_time);
        Guid secret = Guid.NewGuid();
        for (int i = 0; i < SecretAttempts.FreePerSecret; i++)
        {
            attempts.Wrong(null, secret, known: true);
        }

        for (int i = 1; i < Remembered; i++)
        {
            attempts.Wrong(null, Guid.NewGuid(), known: true);
        }

        Assert.NotNull(attempts.Wait(null, secret));
        attempts.Wrong(null, Guid.NewGuid(), known: true);
        Assert.Null(attempts.Wait(null, secret));
    }

    [Fact]
    public void All_strangers_together_have_so_many_lines_a_minute_and_events_an_hour()
    {
        var notes = new StrangerNotes(_time);
        int lines = 0;
        int events = 0;
        Crowd(2000, address =>
        {
            lines += notes.MayLog(address, "probe", out _) ? 1 : 0;
            events += notes.MayAudit(address) ? 1 : 0;
        });
        Assert.Equal((StrangerNotes.LinesInAll, StrangerNotes.EventsInAll), (lines, events));

        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.True(notes.MayLog(Elsewhere, "probe", out long leftOut));
        Assert.Equal(2000 - StrangerNotes.LinesInAll, leftOut);
        Assert.False(notes.MayAudit(Elsewhere));
        _time.Advance(TimeSpan.FromHours(1));
        Assert.True(notes.MayAudit(Elsewhere));
    }

    private static void Crowd(int addresses, Action<IPAddress> each)
    {
        for (int i = 0; i < addresses; i++)
        {
            each(new IPAddress([10, (byte)(i >> 16), (byte)(i >> 8), (byte)i]));
        }
    }
}
