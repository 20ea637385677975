using System.Net;
using ScanEngineAdmin.Channel.Handshake;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Channel.Tests.Handshake;

/// <summary>Who may use the CPU for a handshake, when some make theirs costly.</summary>
public sealed class HandshakeTurnsTests
{
    private const int Most = 4;
    private readonly ManualTime _time = new();
    private readonly HandshakeTurns _turns;

    public HandshakeTurnsTests() => _turns = new HandshakeTurns(Most, _time);

    [Fact]
    public async Task Addresses_with_costly_handshakes_leave_turns_to_others_however_many_they_are()
    {
        for (byte host = 1; host <= 20; host++)
        {
            await WorkAsync(Of(10, host), TimeSpan.FromSeconds(1));
        }

        int heavy = Math.Max(1, Math.Min(Most - 1, Environment.ProcessorCount / 2));
        Task<HandshakeTurns.Turn>[] costly = Enumerable.Range(1, 20).Select(i => Take(Of(10, (byte)i))).ToArray();
        Assert.Equal(heavy, costly.Count(turn => turn.IsCompleted));

        // Whoever has used nothing does not wait for any of them.
        HandshakeTurns.Turn honest = await Take(Of(20, 1)).WaitAsync(Node.Patience);
        _turns.Give(honest);

        // They are all served in the end, one after the other.
        while (costly.FirstOrDefault(turn => turn.IsCompletedSuccessfully) is { } done)
        {
            _turns.Give(await done);
            costly = costly.Where(turn => turn != done).ToArray();
            await (costly.Length == 0 ? Task.CompletedTask : Task.WhenAny(costly)).WaitAsync(Node.Patience);
        }

        Assert.Empty(costly);
    }

    [Fact]
    public async Task A_network_that_spreads_its_work_over_many_addresses_is_one()
    {
        for (int i = 0; i < 30; i++)
        {
            await WorkAsync(new IPAddress([198, 51, 100, (byte)i]), TimeSpan.FromSeconds(0.1));
            await WorkAsync(IPAddress.Parse($"2001:db8:0:{i:x}::1"), TimeSpan.FromSeconds(0.1));
        }

        Assert.True(_turns.Shares.Of(new IPAddress([198, 51, 100, 200])).IsHeavy);
        Assert.True(_turns.Shares.Of(IPAddress.Parse("2001:db8:0:ff::1")).IsHeavy);
        Assert.False(_turns.Shares.Of(new IPAddress([198, 51, 101, 1])).IsHeavy);
        Assert.False(_turns.Shares.Of(IPAddress.Parse("2001:db8:1::1")).IsHeavy);
    }

    [Fact]
    public async Task An_address_has_its_share_of_a_quarter_of_a_second_and_its_neighbour_another()
    {
        await WorkAsync(Of(1, 1), TimeSpan.FromSeconds(0.24));
        Assert.False(_turns.Shares.Of(Of(1, 1)).IsHeavy);
        await WorkAsync(Of(1, 1), TimeSpan.FromSeconds(0.04));
        Assert.True(_turns.Shares.Of(Of(1, 1)).IsHeavy);
        Assert.False(_turns.Shares.Of(Of(1, 2)).IsHeavy);
    }

    [Fact]
    public async Task Among_those_who_wait_the_one_that_used_least_is_next()
    {
        await WorkAsync(Of(1, 1), TimeSpan.FromSeconds(0.2));
        await WorkAsync(Of(2, 1), TimeSpan.FromSeconds(0.1));
        HandshakeTurns.Turn[] running = await Task.WhenAll(Enumerable.Range(0, Most).Select(i => Take(Of(9, (byte)i))));
        Task<HandshakeTurns.Turn> most = Take(Of(1, 1));
        Task<HandshakeTurns.Turn> less = Take(Of(2, 1));
        Task<HandshakeTurns.Turn> least = Take(Of(3, 1));

        _turns.Give(running[0]);
        await least.WaitAsync(Node.Patience);
        Assert.False(less.IsCompleted || most.IsCompleted);
        _turns.Give(running[1]);
        await less.WaitAsync(Node.Patience);
        Assert.False(most.IsCompleted);
    }

    [Fact]
    public async Task What_was_used_is_forgotten_in_time_and_the_memory_of_it_is_bounded()
    {
        await WorkAsync(Of(1, 1), TimeSpan.FromSeconds(2));
        Assert.True(_turns.Shares.Of(Of(1, 1)).IsHeavy);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal((0, false), _turns.Shares.Of(Of(1, 1)));

        for (int i = 0; i < 20_000; i++)
        {
            _turns.Shares.Add(new IPAddress([100, (byte)(i >> 14), (byte)(i >> 6), (byte)i]), TimeSpan.FromSeconds(1));
        }

        Assert.InRange(_turns.Shares.Count, 1, 2 * 4096);
    }

    [Fact]
    public async Task Who_gave_up_waiting_takes_no_turn()
    {
        HandshakeTurns.Turn[] running = await Task.WhenAll(Enumerable.Range(0, Most).Select(i => Take(Of(9, (byte)i))));
        using var gone = new CancellationTokenSource();
        Task<HandshakeTurns.Turn> lost = _turns.TakeAsync(Of(1, 1), gone.Token);
        Task<HandshakeTurns.Turn> waits = Take(Of(2, 1));
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => lost);

        _turns.Give(running[0]);

        await waits.WaitAsync(Node.Patience);
    }

    private static IPAddress Of(byte network, byte host) => new([10, network, 0, host]);

    private Task<HandshakeTurns.Turn> Take(IPAddress address) => _turns.TakeAsync(address, CancellationToken.None);

    private async Task WorkAsync(IPAddress address, TimeSpan work)
    {
        HandshakeTurns.Turn turn = await Take(address);
        _time.Advance(work);
        _turns.Give(turn);
    }
}
