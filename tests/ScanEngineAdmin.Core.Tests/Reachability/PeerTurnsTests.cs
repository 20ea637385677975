using ScanEngineAdmin.Core.Diagnosis;

namespace ScanEngineAdmin.Core.Tests.Reachability;

/// <summary>A peer that asks without end keeps no other peer, and no admin, from an answer.</summary>
public sealed class PeerTurnsTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task Who_asks_for_much_waits_for_itself_and_nobody_else_does()
    {
        using var turns = new PeerTurns(2);
        var held = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        var hostile = Guid.NewGuid();
        int began = 0;
        Task<int>[] many = [.. Enumerable.Range(0, 1000).Select(_ => turns.TakeAsync(
            hostile,
            () =>
            {
                Interlocked.Increment(ref began);
                return held.Task;
            },
            CancellationToken.None))];

        foreach (Guid other in (Guid[])[Guid.NewGuid(), Guid.Empty])
        {
            Assert.Equal(
                1, await turns.TakeAsync(other, static () => Task.FromResult(1), default).WaitAsync(Bound));
        }

        Assert.Equal(1, began);
        held.SetResult(0);
        await Task.WhenAll(many).WaitAsync(Bound);
        Assert.Equal(1000, began);
    }

    [Fact]
    public async Task Of_many_that_ask_without_end_everybody_has_a_turn_before_anybody_has_the_next()
    {
        using var turns = new PeerTurns(2);
        var order = new List<Guid>();
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Guid[] hostile = [Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid()];
        var other = Guid.NewGuid();
        Task[] all = [.. hostile.SelectMany(one => Enumerable.Repeat(one, 100)).Append(other).Select(WorkAsync)];

        held.SetResult();
        await Task.WhenAll(all).WaitAsync(Bound);

        Assert.InRange(order.IndexOf(other), 0, 2 * hostile.Length);

        Task<int> WorkAsync(Guid pairing) => turns.TakeAsync(
            pairing,
            async () =>
            {
                await held.Task;
                lock (order)
                {
                    order.Add(pairing);
                    return order.Count;
                }
            },
            CancellationToken.None);
    }

    [Fact]
    public async Task Who_gives_up_while_it_waits_keeps_no_turn()
    {
        using var turns = new PeerTurns(1);
        var held = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        (Guid one, Guid other) = (Guid.NewGuid(), Guid.NewGuid());
        Task first = turns.TakeAsync(one, () => held.Task, CancellationToken.None);
        using var gone = new CancellationTokenSource();
        Task[] given = [
            turns.TakeAsync(one, static () => Task.FromResult(1), gone.Token),
            turns.TakeAsync(other, static () => Task.FromResult(1), gone.Token)];
        await gone.CancelAsync();
        foreach (Task task in given)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => task.WaitAsync(Bound));
        }

        held.SetResult(0);
        await first.WaitAsync(Bound);
        Assert.Equal(3, await turns.TakeAsync(one, static () => Task.FromResult(3), default).WaitAsync(Bound));
        Assert.Equal(4, await turns.TakeAsync(other, static () => Task.FromResult(4), default).WaitAsync(Bound));
    }
}
