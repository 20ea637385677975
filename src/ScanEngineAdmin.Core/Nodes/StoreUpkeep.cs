using System.Diagnostics;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Core.Nodes;

/// <summary>
/// What a running node does for its store beside its work: watches the room on the disk and tells the admin before it
/// ends, keeps the reserve, and removes in small steps what was marked as removed.
/// </summary>
internal sealed class StoreUpkeep(INodeStore store, TimeProvider time, Action<LogLevel, string, string> tell)
{
    // As often as a node looks at its store: the floor is far enough away for that.
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan FirstRest = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(30);

    private readonly AsyncSignal _signal = new(Period / 2);
    private Level _level;

    private enum Level
    {
        Enough,
        Low,
        BelowFloor,
    }

    /// <summary>What an admin has to know of the room; null while there is enough.</summary>
    public string? Warning { get; private set; }

    /// <summary>What else is removed from time to time, in one small step; false if there was nothing.</summary>
    public Func<bool>? Retire { get; set; }

    /// <summary>Something was removed.</summary>
    public void Wake() => _signal.Set();

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        int faults = 0;
        while (true)
        {
            TimeSpan rest = Period;
            try
            {
                await LookAsync(cancellationToken).ConfigureAwait(false);
                faults = 0;
            }
            catch (ScanEngineException exception)
            {
                // Said once, and then at growing intervals; tried again soon, since an admin may have made room.
                tell(LogLevel.Warning, Events.StoreFault, exception.Message);
                rest = Backoff.After(++faults, FirstRest, LongestRest, Random.Shared);
            }

            _ = faults == 0
                ? await _signal.WaitAsync(rest, time, cancellationToken).ConfigureAwait(false)
                : await RestAsync(rest, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>One look at all of it.</summary>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        Watch(store.Room());
        store.KeepReserve();
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            long started = Stopwatch.GetTimestamp();
            if (!store.CleanUp() && Retire?.Invoke() != true)
            {
                break;
            }

            // As long as the step took, the store is everybody else's.
            await Task.Delay(Stopwatch.GetElapsedTime(started) + TimeSpan.FromMilliseconds(1), cancellationToken)
                .ConfigureAwait(false);
        }
    }

    private async Task<bool> RestAsync(TimeSpan rest, CancellationToken cancellationToken)
    {
        await Task.Delay(rest, time, cancellationToken).ConfigureAwait(false);
        return false;
    }

    private void Watch(StoreRoom room)
    {
        Level level = LevelOf(room);

        // A disk that is just at a bound does not say so again and again.
        if (level < _level && LevelOf(room with { Available = room.Available - (room.Floor / 4) }) >= _level)
        {
            level = _level;
        }

        Warning = level switch
        {
            Level.BelowFloor => $"the disk of the store is full: {room.Text}",
            Level.Low => $"the disk of the store is nearly full: {room.Text}",
            _ => null,
        };
        if (level == _level)
        {
            return;
        }

        bool worse = level > _level;
        _level = level;
        (LogLevel, string, string) line = (level, worse) switch
        {
            (Level.BelowFloor, _) => (
                LogLevel.Error,
                Events.DiskFull,
                $"The disk of the store is full ({room.Text}): nothing is lost, and scan data waits. Free space on "
                    + "that disk, or remove scans."),
            (Level.Low, true) => (
                LogLevel.Warning,
                Events.DiskLow,
                $"The disk of the store is nearly full ({room.Text}). Free space on that disk, or remove scans."),
            _ => (LogLevel.Information, Events.DiskHasRoom, $"The disk of the store has room again ({room.Text})."),
        };
        tell(line.Item1, line.Item2, line.Item3);
    }

    private static Level LevelOf(StoreRoom room) =>
        room.IsBelowFloor ? Level.BelowFloor : room.IsLow ? Level.Low : Level.Enough;
}
