using System.Collections.Concurrent;
using System.Diagnostics;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Applier;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Firewall;
using ScanEngineAdmin.Domain.Schedules;
using ScanEngineAdmin.Domain.Stores;
using ScanEngineAdmin.Storage;
using ScanEngineAdmin.Tests.Shared;

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

    [Theory]
    [InlineData(NodeRole.Console)]
    [InlineData(NodeRole.Engine)]
    public async Task A_store_that_is_broken_in_the_same_way_at_every_look_is_one_line_a_minute(NodeRole role)
    {
        using var host = new ApplierFixture(role);
        host.Client.Provide();
        var lines = new ConcurrentQueue<LogEntry>();
        var stores = new BrokenStores(looks: 20, _ => "The store cannot be read.");
        long began = Stopwatch.GetTimestamp();
        await using (await FirewallApplierService.StartAsync(
            host.Host.Folder, role, stores, host.Options with { StoreCheck = TimeSpan.FromMilliseconds(1) }, lines.Enqueue,
            CancellationToken.None))
        {
            stores.Break();
            await stores.Looked.Task.WaitAsync(Bound);
        }

        int most = 1 + (int)Stopwatch.GetElapsedTime(began).TotalMinutes;
        Assert.InRange(lines.Count(line => line.Event == "ApplierFault"), 1, most);
    }

    /// <summary>
    /// Everybody on the host may ring: 200 looks at once, and then five a second. Looks that nobody rang for have their own
    /// time, which does not come here.
    /// </summary>
    [Theory]
    [InlineData(NodeRole.Console)]
    [InlineData(NodeRole.Engine)]
    [Trait("Speed", "Slow")]
    public async Task An_applier_that_is_rung_without_end_looks_200_times_and_then_five_times_a_second(NodeRole role)
    {
        using var host = new ApplierFixture(role);
        host.Client.Provide();
        var time = new ManualTime();
        var looked = new SemaphoreSlim(0);
        var stores = new BrokenStores(looks: int.MaxValue) { OnLook = () => looked.Release() };
        host.Options = host.Options with { StoreCheck = TimeSpan.FromDays(1), Host = host.Options.Tools with { Time = time } };
        await using FirewallApplierService applier = await FirewallApplierService.StartAsync(
            host.Host.Folder, role, stores, host.Options, _ => { }, CancellationToken.None);
        Assert.True(await looked.WaitAsync(Bound));
        for (int i = 0; i < 200; i++)
        {
            Ring();
            Assert.True(await looked.WaitAsync(Bound), $"Ring {i} was not heard.");
        }

        for (int i = 0; i < 3; i++)
        {
            Ring();
            await time.ArmedAsync(TimeSpan.FromMilliseconds(200));
            time.Pass(TimeSpan.FromMilliseconds(190));
            Assert.Equal(0, looked.CurrentCount);
            time.Pass(TimeSpan.FromMilliseconds(10));
            Assert.True(await looked.WaitAsync(Bound));
        }

        // Between two callers nobody listens for a moment.
        void Ring() => Assert.True(SpinWait.SpinUntil(() => Doorbell.RingApplier(host.NodeFolder), Bound));
    }

    /// <summary>What a request says of rules is the node's own words until a rule was made.</summary>
    [Theory]
    [InlineData(NodeRole.Console)]
    [InlineData(NodeRole.Engine)]
    public async Task Words_of_a_node_are_in_no_line_and_no_event_of_its_applier(NodeRole role)
    {
        const string words = "\u001b[2J\nroot: all is well";
        using var host = new ApplierFixture(role);
        host.Client.Provide();
        FirewallRequest asked = host.Store.AskFirewall(new FirewallRequest
        {
            ChangeId = Guid.NewGuid(),
            PairingId = Guid.NewGuid(),
            Action = FirewallAction.Open,
            Lifetime = TimeSpan.FromMinutes(1),
            Asked = DateTimeOffset.UnixEpoch,
        });
        Assert.True(host.Store.AnswerFirewall(asked with
        {
            State = FirewallRequestState.Failed,
            Answered = DateTimeOffset.UnixEpoch,
            Detail = words,
            Rules = [new FirewallRequestRule { RuleId = words, Change = RuleChange.Add, Outcome = FirewallApplyOutcome.Applied }],
        }));
        host.Store.AskFirewall(asked);
        var lines = new ConcurrentQueue<LogEntry>();
        var answered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (await FirewallApplierService.StartAsync(
            host.Host.Folder,
            role,
            new SqliteStoreProvider(),
            host.Options,
            line =>
            {
                lines.Enqueue(line);
                if (line.Event == "FirewallNotApplied")
                {
                    answered.TrySetResult();
                }
            },
            CancellationToken.None))
        {
            await answered.Task.WaitAsync(Bound);
        }

        Assert.NotEmpty(host.Store.ListEvents(10));
        Assert.All(
            lines.Select(line => line.Message).Concat(host.Store.ListEvents(10).Select(note => note.Detail)),
            text => Assert.DoesNotContain("all is well", text, StringComparison.Ordinal));
    }

    /// <summary>Sound until it is broken, and then never in the same way unless that is said.</summary>
    private sealed class BrokenStores(int looks, Func<int, string>? fault = null) : IStoreProvider
    {
        private readonly SqliteStoreProvider _stores = new();
        private volatile bool _broken;
        private int _looked;

        public TaskCompletionSource Looked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Break() => _broken = true;

        public Action? OnLook { get; init; }

        public ICronReader Cron => _stores.Cron;

        public IConsoleStore OpenConsole(string folder) => _stores.OpenConsole(folder);

        public IEngineStore OpenEngine(string folder) => _stores.OpenEngine(folder);

        public IConsoleStore AttachConsole(string folder) => Wrap(_stores.AttachConsole(folder));

        public IEngineStore AttachEngine(string folder) => Wrap(_stores.AttachEngine(folder));

        private TStore Wrap<TStore>(TStore store)
            where TStore : class => Nodes.WatchedStore<TStore>.Wrap(store, (member, _) =>
            {
                if (member == nameof(INodeStore.ListAskedFirewall))
                {
                    OnLook?.Invoke();
                }

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
                    FaultCode.StoreDamaged, fault?.Invoke(look) ?? $"Row {look} cannot be read.", "Restore an export.");
            });
    }
}
