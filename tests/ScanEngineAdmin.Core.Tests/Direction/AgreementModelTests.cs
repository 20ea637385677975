using static ScanEngineAdmin.Core.Tests.Direction.AgreementModel;

namespace ScanEngineAdmin.Core.Tests.Direction;

/// <summary>
/// Every interleaving of the small model: nothing false is ever certain, and agreement can always be reached.
/// </summary>
[Trait("Speed", "Slow")]
public sealed class AgreementModelTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void No_interleaving_of_losses_kills_and_callers_leaves_the_two_sides_split(int start)
    {
        (HashSet<State> seen, HashSet<(Way, int)> decided) = Explore(Start((Way)start, callers: 2, kills: 2), Check);
        Assert.All(seen, state => Assert.Contains((state.EngineWay, state.EngineEpoch), decided));
        AllReachAgreement(seen, atLeast: 10_000);
    }

    /// <summary>The engine's admin proposes at any moment, and what he proposes is one more caller's change.</summary>
    [Theory]
    [InlineData(0, 1, 1, 0, 3)]
    [InlineData(1, 1, 1, 0, 3)]
    [InlineData(0, 0, 0, 1, 2)]
    [InlineData(1, 0, 0, 1, 2)]
    public void No_proposal_of_the_engines_admin_leaves_them_split(
        int start, int callers, int kills, int restores, int proposals)
    {
        (HashSet<State> seen, _) = Explore(
            Start((Way)start, callers, kills, restores, proposals),
            state =>
            {
                Assert.True(state.AnyWay, $"no way in common: {state.Key()}");
                if (restores == 0)
                {
                    Check(state);
                }
            });
        Assert.Contains(seen, state => state.Proposal is not null && state.Doubt > 0);
        Assert.Contains(seen, state => state.EngineEpoch > 0 && state.EngineWay != (Way)start);
        AllReachAgreement(seen, atLeast: 1_000);
    }

    /// <summary>
    /// Of the past a restored side tells what it likes; but some way is open whatever the two believe, and by what they
    /// tell each other over it they come to agree.
    /// </summary>
    [Theory]
    [InlineData(0, 1, 1, 1)]
    [InlineData(1, 1, 1, 1)]
    [InlineData(0, 1, 0, 2)]
    [InlineData(1, 1, 0, 2)]
    public void No_backup_that_either_side_is_put_back_to_leaves_them_split(
        int start, int callers, int kills, int restores)
    {
        (HashSet<State> seen, _) = Explore(
            Start((Way)start, callers, kills, restores),
            state => Assert.True(state.AnyWay, $"no way in common: {state.Key()}"));
        Assert.Contains(seen, state => !state.IsOpen && state.Doubt == 0 && state.ConsoleWay != state.EngineWay
            && state.ConsoleEpoch == state.EngineEpoch);
        Assert.Contains(seen, state => !state.IsOpen && state.Doubt == 0 && state.ConsoleWay == Way.Reverse
            && state.EngineWay == Way.Standard);
        AllReachAgreement(seen, atLeast: 1_000);
    }

    private static (HashSet<State> Seen, HashSet<(Way Way, int Epoch)> Decided) Explore(
        State first, Action<State> check)
    {
        bool doubled = first.Restores == 0;
        var seen = new HashSet<State> { first };
        var queue = new Queue<State>([first]);
        var decided = new HashSet<(Way, int)> { (first.ConsoleWay, 0) };
        while (queue.TryDequeue(out State? state))
        {
            check(state);
            Assert.True(seen.Count < 600_000, "too many states for the gate");
            foreach ((string _, State next) in Progress(state).Concat(Trouble(state, doubled)))
            {
                decided.Add((next.ConsoleWay, next.ConsoleEpoch));
                if (seen.Add(next))
                {
                    queue.Enqueue(next);
                }
            }
        }

        return (seen, decided);
    }

    private void AllReachAgreement(HashSet<State> seen, int atLeast)
    {
        HashSet<State> reaching = ReachingAgreement(seen);
        State? stuck = seen.FirstOrDefault(state => !reaching.Contains(state));
        Assert.True(stuck is null, $"No way to agreement without more trouble from {stuck?.Key()}");
        output.WriteLine($"{seen.Count} states");
        Assert.True(
            seen.Count > atLeast, $"only {seen.Count} states: the model has become too small to prove anything");
    }

    private static void Check(State state)
    {
        string key = state.Key();

        // Whatever happened, some way is open at both ends: the outcome can be told as soon as packets pass.
        Assert.True(state.AnyWay, $"no way in common: {key}");

        // No change is open: both are certain of the same.
        Assert.True(state.IsOpen || state.IsAgreed, $"closed and not agreed: {key}");

        // The engine is certain only of what was in force before the open change, or of its outcome.
        bool old = state.EngineEpoch < (state.IsOpen ? state.ChangeEpoch : int.MaxValue);
        Assert.True(old || (state.IsDecided && state.EngineWay == state.ConsoleWay), $"certain too early: {key}");
    }

    /// <summary>States from which the product alone, without further trouble, can come to agreement.</summary>
    private static HashSet<State> ReachingAgreement(IEnumerable<State> states)
    {
        var before = new Dictionary<State, List<State>>();
        var reaching = new HashSet<State>();
        var queue = new Queue<State>();
        foreach (State state in states)
        {
            if (state.IsAgreed)
            {
                reaching.Add(state);
                queue.Enqueue(state);
            }

            foreach ((string _, State next) in Progress(state))
            {
                if (!before.TryGetValue(next, out List<State>? sources))
                {
                    before[next] = sources = [];
                }

                sources.Add(state);
            }
        }

        while (queue.TryDequeue(out State? state))
        {
            foreach (State source in before.GetValueOrDefault(state) ?? [])
            {
                if (reaching.Add(source))
                {
                    queue.Enqueue(source);
                }
            }
        }

        return reaching;
    }
}
