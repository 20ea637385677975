using System.Collections.Concurrent;
using ScanEngineAdmin.Core.Applier;
using ScanEngineAdmin.Core.Directions;
using ScanEngineAdmin.Core.Tests.Nodes;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Files;
using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Core.Tests.EndToEnd;

/// <summary>What disturbs one engine's link, or a node's last moments, disturbs nothing else.</summary>
[Trait("Speed", "Slow")]
public sealed class DisturbedNodeTests
{
    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task An_engine_that_is_unregistered_as_its_change_begins_does_not_end_the_console(
        CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        WatchedStores stores = await pair.WatchAsync();
        await pair.ActiveAsync();
        int begins = 0;
        stores.OnConsole = (member, _) =>
        {
            // Between reading the change and reading its engine, on the thread that does.
            int thread = Environment.CurrentManagedThreadId;
            if (member == nameof(IConsoleStore.GetChange))
            {
                Interlocked.CompareExchange(ref begins, thread, 0);
            }
            else if (member == nameof(IConsoleStore.GetEngine)
                && Interlocked.CompareExchange(ref begins, -1, thread) == thread)
            {
                pair.Console.UnregisterEngine(pair.PairingId);
            }
        };

        Task change = pair.ChangeAsync(Ways.Other(way));
        await Assert.ThrowsAnyAsync<ScanEngineException>(() => change);
        Assert.Equal(-1, begins);
        await pair.LoggedAsync("ChannelClosed");

        // It goes on following its store.
        var looked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        stores.OnConsole = (member, _) =>
        {
            if (member == nameof(IConsoleStore.ListPairingsWithScans))
            {
                looked.TrySetResult();
            }
        };
        pair.Console.CreateSecret(TimeSpan.FromMinutes(5), null, singleUse: true);
        Task ended = pair.ConsoleNode!.Completion;
        Assert.Same(looked.Task, await Task.WhenAny(looked.Task, ended).WaitAsync(NodePair.Patience));
        Assert.False(ended.IsCompleted);
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_change_that_the_store_does_not_take_rests_between_two_tries(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        WatchedStores stores = await pair.WatchAsync();
        await pair.ActiveAsync();
        var tries = new ConcurrentQueue<long>();
        stores.OnConsole = (member, _) =>
        {
            if (member == nameof(IConsoleStore.UpdateChange))
            {
                tries.Enqueue(TimeProvider.System.GetTimestamp());
                if (tries.Count <= 5)
                {
                    throw new ScanEngineException(FaultCode.StoreFull, "The disk is full.", "Free space.");
                }
            }
        };

        await pair.ChangeAsync(Ways.Other(way));

        long[] times = [.. tries];
        Assert.InRange(
            TimeProvider.System.GetElapsedTime(times[0], times[5]),
            5 * pair.ConsoleOptions.MinRetry * 0.8,
            NodePair.Patience);
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_change_goes_on_after_a_fault_at_each_of_its_steps(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        WatchedStores stores = await pair.WatchAsync();
        await pair.ActiveAsync();
        int writes = 0;
        stores.OnConsole = (member, _) =>
        {
            if (member != nameof(IConsoleStore.UpdateChange))
            {
                return;
            }

            // Prepare, prove and decide are each written once more.
            switch (Interlocked.Increment(ref writes))
            {
                case 1:
                    throw new ScanEngineException(FaultCode.StoreLocked, "The store is locked.", "Try again.");
                case 3:
                    throw new OperationCanceledException("Neither the change's time nor the console ended.");
                case 5:
                    throw new InvalidOperationException("Nobody expects it.");
            }
        };

        await pair.ChangeAsync(Ways.Other(way));

        Assert.Equal(3, pair.Log.Count(entry => entry.Event == "ChangeInterrupted"));
        await DirectionTests.AgreedAsync(pair, Ways.Other(way), 1);
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task Faults_that_do_not_end_give_a_change_no_more_time(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        WatchedStores stores = await pair.WatchAsync();
        await pair.ActiveAsync();
        using FolderLock? applier = FolderLock.TryTake(pair.ConsoleFolder.Console, FirewallApplierClient.LockName);
        Assert.NotNull(applier);
        stores.OnConsole = (member, _) =>
        {
            if (member == nameof(INodeStore.AskFirewall))
            {
                throw new ScanEngineException(FaultCode.StoreFull, "The disk is full.", "Free space.");
            }
        };

        using var watching = new CancellationTokenSource();
        DirectionChangeRequest request = pair.Request(Ways.Other(way), TimeSpan.FromSeconds(2));
        Task change = pair.Console.Direction.ChangeAsync(
            pair.PairingId, request with { ApplyFirewall = true }, null, watching.Token);

        ChangeRecord over = await pair.UntilChangeAsync(now => now.IsDecided);

        await watching.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => change);
        Assert.Equal(ChangeState.RolledBack, over.State);
        Assert.Equal((way, null), (pair.AtEngine.Direction, pair.AtEngine.ChangeId));
        Assert.True(pair.Log.Count(entry => entry.Event == "ChangeInterrupted") > 1);
    }

    [Theory, MemberData(nameof(Ways.Both), MemberType = typeof(Ways))]
    public async Task A_node_whose_end_is_disturbed_ends_and_frees_its_folder(CommunicationDirection way)
    {
        await using NodePair pair = await NodePair.ActiveAsync(way);
        WatchedStores stores = await pair.WatchAsync();
        await pair.ActiveAsync();
        void Disturb(string member, object?[] given)
        {
            if (member == nameof(INodeStore.UpdateNode))
            {
                throw new InvalidOperationException("Nobody expects it.");
            }
        }

        stores.OnConsole = stores.OnEngine = Disturb;
        Task console = pair.ConsoleNode!.Completion;
        Task engine = pair.EngineNode!.Completion;

        await pair.StopEngineAsync();
        await pair.StopConsoleAsync();

        await Task.WhenAll(console, engine).WaitAsync(NodePair.Patience);
        stores.OnConsole = stores.OnEngine = (_, _) => { };
        await pair.StartConsoleAsync();
        await pair.StartEngineAsync();
        using var targets = new ScanTargets();
        await targets.RunAsync(pair);
    }
}
