using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Storage.Sqlite;

namespace ScanEngineAdmin.Storage.Tests;

/// <summary>No class of events pushes out another, and no peer writes more than its share, in either store.</summary>
public sealed class AuditTrailTests : IDisposable
{
    private static readonly StoreOptions Small = new()
    {
        KeptEvents = 10,
        KeptEventsPerPeer = 4,
        PeerEventsPerHour = 3,
        StrangerEventsPerHour = 5,
    };

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_admins_did_and_who_was_paired_outlasts_any_noise(bool console)
    {
        using INodeStore store = Open(console);
        store.AddEvent(Event(AuditClass.Admin, "EngineUnregistered"));
        store.AddEvent(Event(AuditClass.Pairing, "Paired"));
        var peer = Guid.NewGuid();
        for (int hour = 0; hour < 50; hour++)
        {
            for (int i = 0; i < 20; i++)
            {
                store.AddEvent(Event(AuditClass.Stranger, "PeerRefused", hour));
                store.AddEvent(Event(AuditClass.Peer, "IdentityTwice", hour, peer));
                store.AddEvent(Event(AuditClass.Peer, "Paired", hour, Guid.NewGuid()));
            }
        }

        IReadOnlyList<AuditEvent> kept = store.ListEvents(1000);
        Assert.Single(kept, one => one is { Class: AuditClass.Admin, Event: "EngineUnregistered" });
        Assert.Single(kept, one => one is { Class: AuditClass.Pairing, Event: "Paired" });
        Assert.Equal(10, kept.Count(one => one.Class == AuditClass.Stranger));
        Assert.Equal(10, kept.Count(one => one.Class == AuditClass.Peer));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_peer_writes_so_many_an_hour_and_the_last_says_so(bool console)
    {
        using INodeStore store = Open(console);
        var (noisy, other) = (Guid.NewGuid(), Guid.NewGuid());
        for (int i = 0; i < 20; i++)
        {
            store.AddEvent(Event(AuditClass.Peer, $"N{i}", 0, noisy));
        }

        store.AddEvent(Event(AuditClass.Peer, "Other", 0, other));
        Assert.Equal(["Other", "N2", "N1", "N0"], store.ListEvents(100).Select(one => one.Event));
        Assert.Contains("no more is written", store.ListEvents(100)[1].Detail, StringComparison.Ordinal);
        Assert.DoesNotContain("no more is written", store.ListEvents(100)[2].Detail, StringComparison.Ordinal);

        // In the next hour, and after the clock was set back: it is heard again. Of one peer only so many are kept.
        store.AddEvent(Event(AuditClass.Peer, "Next", 1, noisy));
        store.AddEvent(Event(AuditClass.Peer, "Back", -5, noisy));
        Assert.Equal(
            ["Back", "Next", "N2", "N1"],
            store.ListEvents(100).Where(one => one.PairingId == noisy).Select(one => one.Event));
    }

    [Fact]
    public void All_strangers_together_write_so_many_an_hour()
    {
        using INodeStore store = Open(console: true);
        for (int i = 0; i < 20; i++)
        {
            store.AddEvent(Event(AuditClass.Stranger, $"S{i}"));
        }

        Assert.Equal(5, store.ListEvents(100).Count);
        store.AddEvent(Event(AuditClass.Stranger, "later", 1));
        Assert.Equal("later", store.ListEvents(1)[0].Event);
    }

    private static AuditEvent Event(AuditClass auditClass, string name, int hour = 0, Guid? pairing = null) => new()
    {
        Time = Make.Now.AddHours(hour),
        Class = auditClass,
        Event = name,
        PairingId = pairing,
    };

    private INodeStore Open(bool console) => console ? _folder.Console(Small) : _folder.Engine(Small);
}
