using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Directions;
using ScanEngineAdmin.Domain.Engines;

namespace ScanEngineAdmin.Core.Console;

/// <summary>
/// Looks for a reverse engine that does not come. After a backup was restored, on either side, it may wait to be
/// dialled while this console waits for it, for ever. So an overdue one is dialled, less and less often: it says what
/// it believes, and that is settled. Nothing else depends on this dial, and its failure says nothing new.
/// </summary>
internal sealed class OverdueEngineDialer(
    TimeProvider time,
    ConsoleNodeOptions options,
    Func<bool> isThere,
    Func<PendingDirectionChange?> pending,
    Func<EngineRecord, CancellationToken, Task> dial,
    Action<EngineRecord, ChannelException> failed)
{
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    private int _looks;
    private bool _pending;
    private TimeSpan? _due;

    private TimeSpan Now => time.GetElapsedTime(0);

    /// <summary>The engine is there: should it be missed again, its time begins from the start.</summary>
    public void Found() => (_looks, _due) = (0, null);

    /// <summary>Looks if it is time to, and says when it is again; null while there is nothing to look for.</summary>
    public async Task<TimeSpan?> StepAsync(EngineRecord engine, CancellationToken cancellationToken)
    {
        // An admin who wants it to be dialled from now on does not wait for the way in force to come back.
        PendingDirectionChange? request = pending() is { Direction: CommunicationDirection.ConsoleToEngine } wanted
            ? wanted : null;
        if (request is not null)
        {
            engine = engine with { Address = request.Address ?? engine.Address, Port = request.Port ?? engine.Port };
        }

        if (engine.Direction != CommunicationDirection.EngineToConsole || isThere()
            || (engine.Address ?? engine.ObservedAddress) is null)
        {
            Found();
            return null;
        }

        if (_pending != (request is not null))
        {
            _pending = request is not null;
            Found();
        }

        (TimeSpan interval, TimeSpan longest) = _pending
            ? (options.MinRetry, options.MaxRetry)
            : (options.OverdueInterval, Longest);
        _due ??= Now + Backoff.Jitter(interval, Random.Shared);
        if (Now >= _due)
        {
            try
            {
                await dial(engine, cancellationToken).ConfigureAwait(false);
                return TimeSpan.Zero;
            }
            catch (ChannelException exception)
            {
                failed(engine, exception);
            }

            TimeSpan rest = Backoff.After(++_looks, 2 * interval, longest, Random.Shared);
            _due = Now + (rest > interval ? rest : interval);
        }

        TimeSpan left = _due.Value - Now;
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }
}
