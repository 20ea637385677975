using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Core.Nodes;

/// <summary>Waits until another process has written into the store what was asked of it.</summary>
internal sealed class StoreWaiter(INodeStore store, TimeProvider time)
{
    // A share of what was waited since the last step: a step is seen late by that share of its time at most. While
    // nothing changes only the version is asked for.
    private const int Share = 8;
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(50);

    // The version does not show what this very connection has written, so the row is read now and then all the same.
    private const int ReadAnyway = 20;

    /// <summary>
    /// Reads until there is what was asked for; null when the time has passed first, and then nothing more is read.
    /// </summary>
    public async Task<T?> WaitAsync<T>(
        Func<T?> read, Func<T, bool> until, TimeSpan timeout, Action<T>? progress, CancellationToken cancellationToken)
        where T : class
    {
        long started = time.GetTimestamp();
        long stepped = started;
        T? last = null;
        while (true)
        {
            long version = store.DataVersion;
            T? now = read();
            if (now is not null && !now.Equals(last))
            {
                last = now;
                stepped = time.GetTimestamp();
                progress?.Invoke(now);
            }

            if (now is not null && until(now))
            {
                return now;
            }

            int quiet = 0;
            do
            {
                if (time.GetElapsedTime(started) >= timeout)
                {
                    return null;
                }

                TimeSpan pause = time.GetElapsedTime(stepped) / Share;
                pause = pause < Shortest ? Shortest : pause > Longest ? Longest : pause;
                await Task.Delay(pause, time, cancellationToken).ConfigureAwait(false);
            }
            while (store.DataVersion == version && ++quiet < ReadAnyway);
        }
    }
}
