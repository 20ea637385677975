using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Pairing;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Storage.Sqlite;

namespace ScanEngineAdmin.Storage.Tests;

/// <summary>What both stores share, on each of the two.</summary>
public sealed class NodeStoreTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_node_is_one_record_that_is_set_and_changed(bool console)
    {
        using INodeStore store = Open(console);
        NodeRecord node = new() { BootId = Guid.NewGuid(), ProcessId = 42, HostedBy = "pwsh", Started = Make.Now };
        Assert.Null(store.GetNode());
        Assert.False(store.UpdateNode(was => was));
        store.SetNode(node with { ProcessId = 1 });
        store.SetNode(node);
        Assert.Equal(node, store.GetNode());

        NodeRecord full = node with { EndPoint = "0.0.0.0:1", LastError = "x", StopRequested = node.BootId };
        Assert.True(store.UpdateNode(_ => full));
        Assert.Throws<TimeoutException>(() => store.UpdateNode(_ => throw new TimeoutException()));
        Assert.Equal(full, store.GetNode());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Settings_are_set_replaced_and_cleared(bool console)
    {
        using INodeStore store = Open(console);
        Assert.Null(store.GetSetting("a"));
        store.SetSetting("a", "1");
        store.SetSetting("a", "two\0lines\n");
        Assert.Equal("two\0lines\n", store.GetSetting("a"));
        store.SetSetting("a", null);
        Assert.Null(store.GetSetting("a"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Settings_are_listed_by_the_beginning_of_their_key_and_nothing_else(bool console)
    {
        using INodeStore store = Open(console);
        store.SetSetting("ask.1", "one");
        store.SetSetting("ask.2", "two");
        store.SetSetting("ask", "shorter");
        store.SetSetting("asl.1", "next");

        Assert.Equal(
            new Dictionary<string, string> { ["ask.1"] = "one", ["ask.2"] = "two" }, store.ListSettings("ask."));
        Assert.Empty(store.ListSettings("%"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_secret_comes_back_as_it_was_stored(bool console)
    {
        using INodeStore store = Open(console);
        SecretRecord secret = Make.Secret() with
        {
            EngineName = "lab",
            MaxUses = 3,
            Uses = 2,
            Refused = 4,
            Revoked = Make.Now.AddTicks(1),
        };
        SecretRecord later = Make.Secret() with { Created = Make.Now.AddTicks(1) };
        store.AddSecret(later);
        store.AddSecret(secret);
        AssertSame(secret, store.GetSecret(secret.SecretId));
        AssertSame(later, store.GetSecret(later.SecretId));
        Assert.Equal([secret.SecretId, later.SecretId], store.ListSecrets().Select(one => one.SecretId));
        Assert.Null(store.GetSecret(Guid.NewGuid()));
    }

    [Fact]
    public void Secrets_that_are_over_are_kept_up_to_a_bound_and_those_that_hold_for_as_long_as_they_do()
    {
        using INodeStore store = _folder.Console(new StoreOptions { KeptSecrets = 3 });
        SecretRecord holds = Make.Secret() with { ExpiresAt = Make.Now.AddDays(30) };
        store.AddSecret(holds);
        SecretRecord revoked = Make.Secret() with { ExpiresAt = Make.Now.AddDays(30) };
        store.AddSecret(revoked);
        store.RevokeSecret(revoked.SecretId, Make.Now);
        SecretRecord[] later = [.. Enumerable.Range(1, 5)
            .Select(day => Make.Secret() with
            {
                Created = Make.Now.AddDays(day),
                ExpiresAt = Make.Now.AddDays(day).AddHours(1),
            })];
        Array.ForEach(later, store.AddSecret);

        Assert.Equal(
            [holds.SecretId, .. later.TakeLast(3).Select(secret => secret.SecretId)],
            store.ListSecrets().Select(secret => secret.SecretId));
    }

    [Fact]
    public void Events_are_listed_newest_first_and_the_oldest_go()
    {
        using INodeStore store = _folder.Console(new StoreOptions { KeptEvents = 3 });
        AuditEvent[] events = [.. Enumerable.Range(0, 5).Select(i => new AuditEvent
        {
            Time = Make.Now.AddMinutes(-i),
            Event = $"E{i}",
            PairingId = i % 2 == 0 ? Guid.NewGuid() : null,
            Subject = "s",
            Actor = "a",
            Detail = "d",
        })];
        Array.ForEach(events, store.AddEvent);
        Assert.Equal([events[4], events[3]], store.ListEvents(2));
        Assert.Equal([events[4], events[3], events[2]], store.ListEvents(100));
    }

    [Fact]
    public void The_data_version_changes_with_every_write_of_this_or_another_store_and_only_then()
    {
        using INodeStore store = Open(console: true);
        using INodeStore other = Open(console: true);
        long start = store.DataVersion;
        Assert.Equal(start, store.DataVersion);
        store.SetSetting("a", "own");
        long own = store.DataVersion;
        Assert.NotEqual(start, own);
        Assert.Equal("own", store.GetSetting("a"));
        Assert.Equal(own, store.DataVersion);
        other.SetSetting("a", "foreign");
        Assert.NotEqual(own, store.DataVersion);
        Assert.Equal("foreign", store.GetSetting("a"));
    }

    [Fact]
    public void Contacts_that_a_console_saved_are_nothing_to_look_at_and_all_else_is()
    {
        using IConsoleStore store = _folder.Console();
        using IConsoleStore other = _folder.Console();
        EngineRecord engine = Make.Engine();
        store.AddEngine(engine);
        var contact = new EngineContact(engine.PairingId, CommunicationStatus.Active, "connected", null, null);
        long start = store.VersionWithoutContacts;
        store.SaveContacts([contact]);
        Assert.Equal(start, store.VersionWithoutContacts);

        var seen = new HashSet<long> { start };
        store.SetSetting("a", "own");
        Assert.True(seen.Add(store.VersionWithoutContacts));
        other.SaveContacts([contact with { StatusDetail = "polls" }]);
        Assert.True(seen.Add(store.VersionWithoutContacts));
        other.SetSetting("a", "foreign");
        Assert.True(seen.Add(store.VersionWithoutContacts));
        Assert.False(seen.Add(store.VersionWithoutContacts));
    }

    [Fact]
    public void Writes_to_an_engine_are_counted_by_whomever_but_for_its_contacts()
    {
        using IConsoleStore store = _folder.Console();
        using IConsoleStore other = _folder.Console();
        EngineRecord engine = Make.Engine();
        store.AddEngine(engine);
        var seen = new HashSet<long> { 0 };
        Assert.True(seen.Add(store.EngineWrites));

        store.SaveContacts([new EngineContact(engine.PairingId, CommunicationStatus.Active, "connected", null, null)]);
        store.SetSetting("a", "own");
        Assert.False(seen.Add(store.EngineWrites));
        Func<EngineRecord, EngineRecord>[] changes =
        [
            one => one with { Address = "192.0.2.9" },
            one => one with { Port = one.Port + 1 },
            one => one with { Direction = CommunicationDirection.EngineToConsole },
            one => one with { Epoch = one.Epoch + 1 },
            one => one with { State = EngineState.Registered },
            one => one with { Pins = [.. one.Pins, Make.Pin('9')] },
        ];
        foreach (Func<EngineRecord, EngineRecord> change in changes)
        {
            other.UpdateEngine(engine.PairingId, change);
            Assert.True(seen.Add(store.EngineWrites));
        }

        other.RemoveEngine(engine.PairingId);
        Assert.True(seen.Add(store.EngineWrites));
        Assert.False(seen.Add(other.EngineWrites));
    }

    private INodeStore Open(bool console) => console ? _folder.Console() : _folder.Engine();

    private static void AssertSame(SecretRecord expected, SecretRecord? actual)
    {
        Assert.NotNull(actual);
        Assert.Equal(expected.StoredKey, actual.StoredKey);
        Assert.Equal(expected.ServerKey, actual.ServerKey);
        Assert.Equal(expected, actual with { StoredKey = expected.StoredKey, ServerKey = expected.ServerKey });
    }
}
