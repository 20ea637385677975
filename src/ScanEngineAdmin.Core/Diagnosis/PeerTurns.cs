using System.Collections.Concurrent;

namespace ScanEngineAdmin.Core.Diagnosis;

/// <summary>
/// Work that peers ask for and that costs this host something: one piece of it at a time for each pairing, some in all.
/// Who asks for much waits for itself; everybody else waits for no more than one piece of each.
/// </summary>
/// <param name="most">How many in all.</param>
internal sealed class PeerTurns(int most) : IDisposable
{
    private readonly ConcurrentDictionary<Guid, SemaphoreSlim> _own = new();
    private readonly SemaphoreSlim _all = new(most, most);

    /// <summary>Does it when it is that pairing's turn; <see cref="Guid.Empty"/> is this host's own admin.</summary>
    public async Task<T> TakeAsync<T>(Guid pairing, Func<Task<T>> work, CancellationToken cancellationToken)
    {
        SemaphoreSlim own = _own.GetOrAdd(pairing, static _ => new SemaphoreSlim(1, 1));
        await own.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await _all.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                return await work().ConfigureAwait(false);
            }
            finally
            {
                _all.Release();
            }
        }
        finally
        {
            own.Release();
        }
    }

    public void Dispose()
    {
        _all.Dispose();
        foreach (SemaphoreSlim own in _own.Values)
        {
            own.Dispose();
        }
    }
}
