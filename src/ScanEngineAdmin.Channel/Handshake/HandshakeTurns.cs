using System.Net;

namespace ScanEngineAdmin.Channel.Handshake;

/// <summary>
/// Who may use the CPU for a handshake now. Whoever used least of it lately is next; those who used more than their
/// share have half of the processors between them, so that no number of costly handshakes keeps others waiting.
/// </summary>
internal sealed class HandshakeTurns(int most, TimeProvider time)
{
    private readonly object _lock = new();
    private readonly PriorityQueue<Waiter, (double Used, long Order)> _light = new();
    private readonly PriorityQueue<Waiter, (double Used, long Order)> _heavy = new();
    private readonly int _mostHeavy = Math.Max(1, Math.Min(most - 1, Environment.ProcessorCount / 2));
    private int _running;
    private int _heavyRunning;
    private long _order;

    public HandshakeShares Shares { get; } = new(time);

    /// <summary>Waits for a turn, which <see cref="Give"/> ends.</summary>
    public async Task<Turn> TakeAsync(IPAddress address, CancellationToken cancellationToken)
    {
        (double used, bool heavy) = Shares.Of(address);
        Waiter waiter;
        lock (_lock)
        {
            if (IsFree(heavy))
            {
                return Begin(address, heavy);
            }

            waiter = new Waiter(address, heavy);
            (heavy ? _heavy : _light).Enqueue(waiter, (used, _order++));
        }

        using CancellationTokenRegistration cancelled = cancellationToken.UnsafeRegister(
            static (state, token) => ((Waiter)state!).Turn.TrySetCanceled(token), waiter);
        return await waiter.Turn.Task.ConfigureAwait(false);
    }

    public void Give(Turn turn)
    {
        Shares.Add(turn.Address, time.GetElapsedTime(turn.Began));
        lock (_lock)
        {
            _running--;
            _heavyRunning -= turn.IsHeavy ? 1 : 0;
            while (Next() is { } next)
            {
                // One that was cancelled while it waited takes no turn.
                Turn begun = Begin(next.Address, next.IsHeavy);
                if (!next.Turn.TrySetResult(begun))
                {
                    _running--;
                    _heavyRunning -= begun.IsHeavy ? 1 : 0;
                }
            }
        }
    }

    private Waiter? Next() =>
        IsFree(heavy: false) && _light.TryDequeue(out Waiter? light, out _) ? light
        : IsFree(heavy: true) && _heavy.TryDequeue(out Waiter? heavy, out _) ? heavy
        : null;

    private bool IsFree(bool heavy) => _running < most && (!heavy || _heavyRunning < _mostHeavy);

    private Turn Begin(IPAddress address, bool heavy)
    {
        _running++;
        _heavyRunning += heavy ? 1 : 0;
        return new Turn(address, heavy, time.GetTimestamp());
    }

    /// <param name="Address">Whose turn it is.</param>
    /// <param name="IsHeavy">Whether it is one of those that have used more than their share.</param>
    /// <param name="Began">When.</param>
    internal sealed record Turn(IPAddress Address, bool IsHeavy, long Began);

    private sealed class Waiter(IPAddress address, bool heavy)
    {
        public IPAddress Address => address;

        public bool IsHeavy => heavy;

        public TaskCompletionSource<Turn> Turn { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
