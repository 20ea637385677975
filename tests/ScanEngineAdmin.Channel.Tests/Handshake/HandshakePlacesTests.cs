using System.Net;
using System.Net.Sockets;
using ScanEngineAdmin.Channel.Handshake;
using ScanEngineAdmin.Tests.Shared;

namespace ScanEngineAdmin.Channel.Tests.Handshake;

/// <summary>Who is within TLS, and who waits before it.</summary>
public sealed class HandshakePlacesTests
{
    private const int Most = 16;
    private const int MostStrangers = 12;
    private readonly ManualTime _time = new();
    private readonly HandshakePlaces _places;

    public HandshakePlacesTests() => _places = new HandshakePlaces(Most, _time);

    [Fact]
    public async Task Nobody_within_is_closed_for_those_who_come_later()
    {
        using var peer = new Socket(SocketType.Stream, ProtocolType.Tcp);
        List<HandshakePlaces.Place> within = [];
        for (int i = 0; i < MostStrangers; i++)
        {
            within.Add(await Take($"192.0.2.{i}"));
            _places.Wait(within[i], peer);
        }

        Task<HandshakePlaces.Place> late = Take("198.51.100.1");
        _time.Advance(HandshakePlaces.PeerTime / 2);

        Assert.False(late.IsCompleted);
        Assert.DoesNotContain(within, place => place.IsEvicted);
        _places.Give(within[3]);
        await late.WaitAsync(Node.Patience);
    }

    [Fact]
    public async Task A_peer_that_is_waited_for_too_long_in_all_its_answers_makes_room_once_others_wait()
    {
        using var trickles = new Socket(SocketType.Stream, ProtocolType.Tcp);
        HandshakePlaces.Place slow = await Take("192.0.2.1");
        for (int answer = 0; answer < 5; answer++)
        {
            _places.Wait(slow, trickles);
            _time.Advance(HandshakePlaces.PeerTime * 0.9);
            _places.Resume(slow);
        }

        Assert.False(slow.IsEvicted);
        for (int i = 1; i < MostStrangers; i++)
        {
            await Take($"203.0.113.{i}");
        }

        Task<HandshakePlaces.Place> next = Take("198.51.100.1");
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(slow.IsEvicted);

        _places.Wait(slow, trickles);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(slow.IsEvicted);
        Assert.Throws<ObjectDisposedException>(() => trickles.Available);
        _places.Give(slow);
        await next.WaitAsync(Node.Patience);
    }

    [Fact]
    public async Task Networks_take_turns_and_none_holds_more_than_its_share_while_others_wait()
    {
        HandshakePlaces.Place[] full = await FillAsync("203.0.113");
        Task<HandshakePlaces.Place>[] many = Enumerable.Range(1, 10).Select(i => Take($"192.0.2.{i}")).ToArray();
        Task<HandshakePlaces.Place>[] few = [Take("198.51.100.1"), Take("198.51.100.2")];

        foreach (HandshakePlaces.Place place in full[..4])
        {
            _places.Give(place);
        }

        await Task.WhenAll([many[0], many[1], .. few]).WaitAsync(Node.Patience);

        // One that holds its share waits for a third that holds nothing, and is served when nobody else waits.
        Task<HandshakePlaces.Place> third = Take("198.18.0.1");
        _places.Give(full[4]);
        await third.WaitAsync(Node.Patience);
        Assert.All(many[2..], one => Assert.False(one.IsCompleted));
        _places.Give(full[5]);
        await many[2].WaitAsync(Node.Patience);
    }

    [Fact]
    public async Task Peers_known_from_their_address_go_before_strangers_in_half_of_the_places()
    {
        HandshakePlaces.Place[] full = await FillAsync("203.0.113");
        Task<HandshakePlaces.Place>[] strangers = Enumerable.Range(0, Most).Select(i => Take($"10.0.{i}.1")).ToArray();
        for (int i = 0; i < Most; i++)
        {
            _places.Served(IPAddress.Parse($"10.1.{i}.1"));
        }

        Task<HandshakePlaces.Place>[] known = Enumerable.Range(0, Most).Select(i => Take($"10.1.{i}.1")).ToArray();
        foreach (HandshakePlaces.Place place in full)
        {
            _places.Give(place);
        }

        await Task.WhenAll([.. known[..(Most / 2)], .. strangers[..(Most / 2)]]).WaitAsync(Node.Patience);
        Assert.All([.. known[(Most / 2)..], .. strangers[(Most / 2)..]], one => Assert.False(one.IsCompleted));
    }

    [Fact]
    public async Task Strangers_leave_a_quarter_of_the_places_to_known_peers()
    {
        await FillAsync("203.0.113");
        Task<HandshakePlaces.Place> stranger = Take("192.0.2.1");
        _places.Served(IPAddress.Parse("198.51.100.1"));

        for (int i = MostStrangers; i < Most; i++)
        {
            await Take("198.51.100.1").WaitAsync(Node.Patience);
        }

        Assert.False(stranger.IsCompleted);
    }

    [Fact]
    public void An_address_is_forgotten_after_an_hour_and_the_oldest_of_too_many_at_once()
    {
        var recent = new RecentPeers(_time);
        for (int i = 0; i <= 16 * 1024; i++)
        {
            recent.Add(new IPAddress(i));
        }

        Assert.Equal((false, true), (recent.Has(new IPAddress(0)), recent.Has(new IPAddress(1))));
        _time.Advance(RecentPeers.Remembered);
        Assert.False(recent.Has(new IPAddress(16 * 1024)));
    }

    [Fact]
    public async Task Who_gives_up_while_it_waits_takes_no_place()
    {
        HandshakePlaces.Place[] full = await FillAsync("203.0.113");
        using var gone = new CancellationTokenSource();
        Task<HandshakePlaces.Place> gives = _places.TakeAsync(IPAddress.Parse("192.0.2.1"), gone.Token);
        Task<HandshakePlaces.Place> stays = Take("192.0.2.2");
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gives.WaitAsync(Node.Patience));
        Assert.Equal(1, _places.Waiting);

        _places.Give(full[0]);

        await stays.WaitAsync(Node.Patience);
        Assert.Equal(0, _places.Waiting);
    }

    [Fact]
    public async Task The_wait_is_estimated_from_those_ahead_and_how_long_places_were_held()
    {
        HandshakePlaces.Place[] full = await FillAsync("203.0.113");
        Assert.Equal(TimeSpan.Zero, Estimate("192.0.2.1"));
        _time.Advance(TimeSpan.FromSeconds(8));
        _places.Give(full[0]);
        await Take("203.0.113.1");
        Task[] waiting = Enumerable.Range(1, 23).Select(i => Take($"192.0.2.{i}")).ToArray();

        // 23 of one network and 12 places of 8 s: the 24th waits two rounds; the first of another network for one of 12.
        Assert.Equal(TimeSpan.FromSeconds(16), Estimate("192.0.2.200"));
        Assert.Equal(TimeSpan.FromSeconds(2 * 8.0 / MostStrangers), Estimate("198.51.100.1"));
        Assert.All(waiting, one => Assert.False(one.IsCompleted));
    }

    private Task<HandshakePlaces.Place> Take(string address) =>
        _places.TakeAsync(IPAddress.Parse(address), CancellationToken.None);

    private TimeSpan Estimate(string address) => _places.Estimate(IPAddress.Parse(address));

    private async Task<HandshakePlaces.Place[]> FillAsync(string network) =>
        await Task.WhenAll(Enumerable.Range(1, MostStrangers).Select(i => Take($"{network}.{i}")));
}
