using System.Threading.Channels;
using ScanEngineAdmin.Core.Console;
using ScanEngineAdmin.Core.Tests.EndToEnd;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Storage;
using ScanEngineAdmin.Tests.Shared;
using Queues = System.Threading.Channels.Channel;

namespace ScanEngineAdmin.Core.Tests.Nodes;

public sealed class ContactWriterTests : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly DateTimeOffset Seen = new(2030, 1, 2, 3, 0, 0, TimeSpan.Zero);
    private readonly ManualTime _time = new();
    private readonly TemporaryFolder _folder = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Channel<EngineContact[]> _saved = Queues.CreateUnbounded<EngineContact[]>();
    private readonly IConsoleStore _store;
    private readonly ContactWriter _writer;
    private readonly Task _run;

    public ContactWriterTests()
    {
        _store = WatchedStore<IConsoleStore>.Wrap(new SqliteStoreProvider().OpenConsole(_folder.Path), (member, given) =>
        {
            if (member == nameof(IConsoleStore.SaveContacts))
            {
                _saved.Writer.TryWrite([.. (IEnumerable<EngineContact>)given[0]!]);
            }
        });
        _writer = new ContactWriter(_store, _time, Patience);
        _run = _writer.RunAsync(static fault => throw fault, _stop.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
        _store.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_report_without_news_waits_for_one_with_news_or_for_its_time()
    {
        EngineContact well = Contact(Guid.NewGuid(), CommunicationStatus.Active, Seen);
        EngineContact lost = Contact(Guid.NewGuid(), CommunicationStatus.NotResponding, null);
        _writer.Put(well, isNews: false);
        _time.Pass(Patience - TimeSpan.FromMilliseconds(1));
        Assert.False(_saved.Reader.TryRead(out _));

        _time.Pass(TimeSpan.FromMilliseconds(1));
        Assert.Equal([well], await SavedAsync());

        await _time.ArmedAsync(TimeSpan.FromMilliseconds(200));
        _time.Pass(TimeSpan.FromMilliseconds(200));
        _writer.Put(well, isNews: false);
        _writer.Put(lost);
        Assert.Equal([well, lost], await SavedAsync());
    }

    [Fact]
    public async Task The_time_of_a_contact_that_waits_is_not_lost_by_the_news_after_it()
    {
        EngineContact well = Contact(Guid.NewGuid(), CommunicationStatus.Active, Seen) with
        {
            ObservedAddress = "192.0.2.7",
            Version = "2.0",
        };
        EngineContact lost = Contact(well.PairingId, CommunicationStatus.NotResponding, null);
        _writer.Put(well, isNews: false);
        _writer.Put(lost);

        Assert.Equal(
            [lost with { LastContact = Seen, ObservedAddress = "192.0.2.7", Version = "2.0" }], await SavedAsync());
    }

    private static EngineContact Contact(Guid pairing, CommunicationStatus status, DateTimeOffset? last) =>
        new(pairing, status, "tested", last, null);

    private Task<EngineContact[]> SavedAsync() => _saved.Reader.ReadAsync().AsTask().WaitAsync(NodePair.Patience);
}
