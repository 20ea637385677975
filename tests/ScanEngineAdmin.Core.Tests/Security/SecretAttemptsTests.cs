using System.Net;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Core.Pairing;
using ScanEngineAdmin.Core.Tests.Pairing;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Core.Tests.Security;

public sealed class SecretAttemptsTests
{
    private static readonly IPAddress Here = IPAddress.Parse("2001:db8:1:2::1");
    private static readonly IPAddress Neighbour = IPAddress.Parse("2001:db8:1:2:ffff::9");
    private static readonly IPAddress Elsewhere = IPAddress.Parse("2001:db8:1:3::1");
    private readonly ManualTime _time = new();
    private readonly SecretAttempts _attempts;

    public SecretAttemptsTests() => _attempts = new SecretAttempts(_time);

    [Fact]
    public void A_few_mistakes_are_free_and_each_further_one_doubles_the_wait_up_to_a_bound()
    {
        Wrong(SecretAttempts.FreePerAddress - 1);
        Assert.Null(_attempts.Wait(Here, Guid.NewGuid()));
        Wrong(1);
        Assert.Equal(TimeSpan.FromSeconds(1), _attempts.Wait(Here, Guid.NewGuid()));
        Wrong(2);
        Assert.Equal(TimeSpan.FromSeconds(4), _attempts.Wait(Here, Guid.NewGuid()));
        Wrong(500);
        Assert.Equal(SecretAttempts.LongestForAddress, _attempts.Wait(Here, Guid.NewGuid()));
        _time.Advance(SecretAttempts.LongestForAddress);
        Assert.Null(_attempts.Wait(Here, Guid.NewGuid()));
    }

    [Fact]
    public void An_IPv6_network_counts_as_one_address_and_another_one_does_not()
    {
        Wrong(SecretAttempts.FreePerAddress);
        Assert.NotNull(_attempts.Wait(Neighbour, Guid.NewGuid()));
        Assert.Null(_attempts.Wait(Elsewhere, Guid.NewGuid()));
    }

    [Fact]
    public void A_known_secret_is_slowed_from_everywhere_but_not_for_long()
    {
        Guid secret = Guid.NewGuid();
        for (int i = 0; i < 500; i++)
        {
            _attempts.Wrong(new IPAddress([10, 0, (byte)(i / 250), (byte)i]), secret, known: true);
        }

        Assert.Equal(SecretAttempts.LongestForSecret, _attempts.Wait(Elsewhere, secret));
        Assert.Null(_attempts.Wait(Elsewhere, Guid.NewGuid()));
    }

    [Fact]
    public void Memory_is_bounded_and_a_clock_set_back_locks_nobody_out()
    {
        var counter = new AttemptCounter<int>(TimeSpan.FromMinutes(1), 16, _time);
        for (int i = 0; i < 10_000; i++)
        {
            counter.Add(i);
        }

        Assert.Equal(16, Enumerable.Range(0, 10_000).Count(i => counter.Of(i).Count > 0));
        Assert.Equal(2, counter.Add(9_999));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(1, counter.Add(9_999));
        _time.Jump(TimeSpan.FromDays(-1));
        Assert.Equal(1, counter.Add(9_999));
    }

    [Fact]
    public async Task After_too_many_wrong_proofs_even_a_right_secret_waits_and_is_told_how_long()
    {
        using var console = new PairingNode(NodeRole.Console, _time);
        using var engine = new PairingNode(NodeRole.Engine, _time);
        PairingSecret right = console.Secret();
        for (int i = 0; i < SecretAttempts.FreePerAddress; i++)
        {
            PairingSecret wrong = PairingSecret.Create(console.Self.Fingerprint);
            Assert.Equal(RefusalCode.SecretWrong, (await PairAsync(wrong))?.Code);
        }

        Refusal? slowed = await PairAsync(right);
        Assert.Equal((RefusalCode.Busy, TimeSpan.FromSeconds(1)), (slowed!.Code, slowed.RetryAfter));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(await PairAsync(right));

        async Task<Refusal?> PairAsync(PairingSecret secret)
        {
            var pair = new MessagePair(engine.Self.Fingerprint, console.Self.Fingerprint);
            Task<PairingVerdict> maker = console.Acceptor.AcceptAsync(pair.Maker, CancellationToken.None);
            Task user = engine.User.PairAsync(
                pair.User,
                secret,
                "lab",
                new DialTarget("192.0.2.7", 1, [console.Self.Fingerprint]),
                CancellationToken.None);
            PairingVerdict verdict = await maker.WaitAsync(TimeSpan.FromMinutes(3));
            await user.WaitAsync(TimeSpan.FromMinutes(3)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return verdict.Refused;
        }
    }

    [Fact]
    public void Strangers_fill_neither_the_log_nor_the_audit_trail_and_what_is_left_out_is_counted()
    {
        var notes = new StrangerNotes(_time);
        int lines = Enumerable.Range(0, 100).Count(i => notes.MayLog(Here, "probe", out _));
        int events = Enumerable.Range(0, 100).Count(i => notes.MayAudit(Neighbour));
        Assert.Equal((StrangerNotes.LinesPerAddress, StrangerNotes.EventsPerAddress), (lines, events));
        Assert.True(notes.MayLog(Elsewhere, "probe", out long leftOut));
        Assert.Equal(100 - StrangerNotes.LinesPerAddress, leftOut);

        int all = Enumerable.Range(0, 2000).Count(
            i => notes.MayAudit(new IPAddress([10, 1, (byte)(i / 250), (byte)i])));
        Assert.Equal(StrangerNotes.EventsInAll - events, all);
    }

    private void Wrong(int times)
    {
        for (int i = 0; i < times; i++)
        {
            _attempts.Wrong(Here, Guid.NewGuid(), known: false);
        }
    }
}
