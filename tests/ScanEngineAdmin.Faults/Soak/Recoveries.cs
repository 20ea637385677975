using System.Diagnostics;

namespace ScanEngineAdmin.Faults.Soak;

/// <summary>
/// How long each engine took from the end of its last fault to its next sign of life at the console: a batch stored, a
/// scan finished, a contact.
/// </summary>
internal sealed class Recoveries
{
    private readonly object _gate = new();
    private readonly Dictionary<SoakEngine, State> _states = [];
    private readonly List<TimeSpan> _took = [];

    public IReadOnlyList<TimeSpan> Took
    {
        get
        {
            lock (_gate)
            {
                return [.. _took.Order()];
            }
        }
    }

    /// <summary>The engines that were healed and have not been heard of since.</summary>
    public IReadOnlyList<string> Missing
    {
        get
        {
            lock (_gate)
            {
                return [.. _states.Where(state => state.Value.Healed is not null).Select(state => state.Key.Host.Name)];
            }
        }
    }

    public TimeSpan Percentile(int percent)
    {
        IReadOnlyList<TimeSpan> took = Took;
        return took.Count == 0 ? TimeSpan.Zero : took[Math.Min(took.Count - 1, took.Count * percent / 100)];
    }

    public void Begun(SoakEngine engine)
    {
        lock (_gate)
        {
            State state = Of(engine);
            state.Faults++;
            state.Healed = null;
        }
    }

    public void Healed(SoakEngine engine)
    {
        lock (_gate)
        {
            State state = Of(engine);
            if (--state.Faults == 0)
            {
                state.Healed = (Stopwatch.GetTimestamp(), DateTimeOffset.UtcNow);
            }
        }
    }

    public void Look(SoakEngine engine, long batches, DateTimeOffset? contact)
    {
        lock (_gate)
        {
            State state = Of(engine);
            bool more = batches > state.Batches;
            state.Batches = batches;
            if (more || contact > state.Healed?.Time)
            {
                Progress(engine);
            }
        }
    }

    public void Progress(SoakEngine engine)
    {
        lock (_gate)
        {
            State state = Of(engine);
            if (state.Healed is { } healed)
            {
                _took.Add(Stopwatch.GetElapsedTime(healed.Stamp));
                state.Healed = null;
            }
        }
    }

    private State Of(SoakEngine engine)
    {
        if (!_states.TryGetValue(engine, out State? state))
        {
            state = _states[engine] = new State();
        }

        return state;
    }

    private sealed class State
    {
        public int Faults { get; set; }

        public long Batches { get; set; }

        public (long Stamp, DateTimeOffset Time)? Healed { get; set; }
    }
}
