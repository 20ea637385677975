using System.Reflection;
using ScanEngineAdmin.Core.Direction;
using ScanEngineAdmin.Core.Engine;
using ScanEngineAdmin.Core.Messages;
using ScanEngineAdmin.Core.Storage;
using ScanEngineAdmin.Core.Tests.Nodes;
using ScanEngineAdmin.Storage;

namespace ScanEngineAdmin.Core.Tests.Scans;

/// <summary>Two attempts of one scan at the engine, of which one comes while the other goes.</summary>
public sealed class EngineScansTests : IAsyncLifetime, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly IEngineStore _store;
    private readonly EngineScans _scans;
    private readonly Guid _pairing = Guid.NewGuid();
    private readonly Guid _scan = Guid.NewGuid();
    private Action? _removing;

    public EngineScansTests()
    {
        _store = new SqliteStoreProvider().OpenEngine(_folder.Path);
        _store.AddConsole(new ConsoleRecord
        {
            PairingId = _pairing,
            State = ConsoleState.Paired,
            Direction = CommunicationDirection.ConsoleToEngine,
            FirstSeen = DateTimeOffset.UtcNow,
        });
        _scans = new EngineScans(Watched.Wrap(_store, () => _removing?.Invoke()), new EngineNodeOptions(), _ => { });
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _scans.DisposeAsync();

    public void Dispose()
    {
        _store.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_new_attempt_that_begins_while_the_old_one_is_dropped_stays()
    {
        await _scans.StartAsync(_pairing, Start(attempt: 1, from: 0));
        Task begun = Task.CompletedTask;
        _removing = () =>
        {
            _removing = null;
            begun = _scans.StartAsync(_pairing, Start(attempt: 2, from: 0));
        };

        await _scans.DropAsync(_pairing, _scan, attempt: 1);
        await begun.WaitAsync(TimeSpan.FromSeconds(25));

        Assert.Equal(2, _store.GetScan(_pairing, _scan)?.Attempt);
        Assert.Equal(1, _scans.Count(_pairing));
    }

    /// <summary>
    /// The console's store was put back: it knows attempt 1 and less findings than attempt 2 began behind. What it
    /// begins next is attempt 2 as well, and must not be taken for the one that is here.
    /// </summary>
    [Fact]
    public async Task An_attempt_that_a_restored_console_does_not_know_is_not_taken_for_its_next_one()
    {
        await _scans.StartAsync(_pairing, Start(attempt: 2, from: 90));
        Assert.Equal(90, _store.GetScan(_pairing, _scan)!.Cursor);

        IReadOnlyList<Guid> missing = await _scans.SyncAsync(
            _pairing,
            new ScanSync { Scans = [new ScanSyncItem { ScanId = _scan, Attempt = 1, LastBatch = 3 }] });
        Assert.Equal([_scan], missing);
        await _scans.StartAsync(_pairing, Start(attempt: 2, from: 30));

        Assert.Equal(30, _store.GetScan(_pairing, _scan)!.Cursor);
    }

    /// <summary>At one port in a second and a hundred of them it lasts as long as the test.</summary>
    private ScanStart Start(int attempt, long from) => new()
    {
        ScanId = _scan,
        Attempt = attempt,
        Targets = ["127.0.0.1"],
        Ports = "2001-2100",
        TimeoutMs = 1000,
        Parallelism = 1,
        MaxRate = 1,
        BannerTimeoutMs = 300,
        FromUnit = from,
    };

#pragma warning disable CA1852 // The proxy that is made at run time derives from it.
    private class Watched : DispatchProxy
#pragma warning restore CA1852
    {
        private IEngineStore? _inner;
        private Action? _removing;

        public static IEngineStore Wrap(IEngineStore inner, Action removing)
        {
            IEngineStore wrapped = Create<IEngineStore, Watched>();
            ((Watched)wrapped)._inner = inner;
            ((Watched)wrapped)._removing = removing;
            return wrapped;
        }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            if (targetMethod!.Name == nameof(IEngineStore.RemoveScan))
            {
                _removing!();
            }

            try
            {
                return targetMethod.Invoke(_inner, args);
            }
            catch (TargetInvocationException exception)
            {
                System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(exception.InnerException!);
                throw;
            }
        }
    }
}
