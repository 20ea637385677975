using System.Collections.Concurrent;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Applier;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Schedules;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Storage;

namespace ScanEngineAdmin.Core.Tests.Firewall.Requests;

/// <summary>A node that was taken over, and its store with it, does not fill the log of root's applier.</summary>
public sealed class ApplierNoiseTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(3);

    [Theory]
    [InlineData(NodeRole.Console)]
    [InlineData(NodeRole.Engine)]
    [Trait("Speed", "Slow")]
    public async Task A_store_that_is_broken_in_another_way_at_every_look_is_some_lines_and_no_more(NodeRole role)
    {
        using var host = new ApplierFixture(role);
        host.Client.Provide();
        var lines = new ConcurrentQueue<LogEntry>();
        var stores = new BrokenStores(looks: 4 * BoundedLog.LinesPerKind);
        await using (await FirewallApplierService.StartAsync(
            host.Host.Folder,
            role,
            stores,
            host.Options with { StoreCheck = TimeSpan.FromMilliseconds(1) },
            lines.Enqueue,
            CancellationToken.None))
        {
            stores.Break();
            await stores.Looked.Task.WaitAsync(Bound);
        }

        Assert.InRange(lines.Count(line => line.Event == "ApplierFault"), 1, BoundedLog.LinesPerKind);
    }

    /// <summary>Sound once, and then never in the same way.</summary>
    private sealed class BrokenStores(int looks) : IStoreProvider
    {
        private readonly SqliteStoreProvider _stores = new();
        private volatile bool _broken;
        private int _looked;

        public TaskCompletionSource Looked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Break() => _broken = true;

        public ICronReader Cron => _stores.Cron;

        public IConsoleStore OpenConsole(string folder) => _stores.OpenConsole(folder);

        public IEngineStore OpenEngine(string folder) => _stores.OpenEngine(folder);

        public IConsoleStore AttachConsole(string folder) => Wrap(_stores.AttachConsole(folder));

        public IEngineStore AttachEngine(string folder) => Wrap(_stores.AttachEngine(folder));

        private TStore Wrap<TStore>(TStore store)
            where TStore : class => Nodes.WatchedStore<TStore>.Wrap(store, (member, _) =>
            {
                if (!_broken || member == nameof(IDisposable.Dispose))
                {
                    return;
                }

                int look = Interlocked.Increment(ref _looked);
                if (look == looks)
                {
                    Looked.TrySetResult();
                }

                throw new ScanEngineException(
                    FaultCode.StoreDamaged, $"Row {look} cannot be read.", "Restore an export.");
            });
    }
}
