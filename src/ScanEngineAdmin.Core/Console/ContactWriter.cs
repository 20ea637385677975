using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Core.Console;

/// <summary>
/// Gathers the reports of contacts and writes them together a few times a second: ten thousand heartbeats must not
/// become ten thousand transactions. The latest per engine wins.
/// </summary>
internal sealed class ContactWriter(IConsoleStore store, TimeProvider time)
{
    private static readonly TimeSpan Spacing = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(30);

    private readonly object _gate = new();
    private readonly AsyncSignal _signal = new(Spacing);
    private Dictionary<Guid, EngineContact> _waiting = [];

    public void Put(EngineContact contact)
    {
        lock (_gate)
        {
            _waiting[contact.PairingId] = contact;
        }

        _signal.Set();
    }

    public async Task RunAsync(Action<ScanEngineException> failed, CancellationToken cancellationToken)
    {
        int faults = 0;
        while (!cancellationToken.IsCancellationRequested)
        {
            TimeSpan rest = Spacing;
            await _signal.WaitAsync(TimeSpan.FromMinutes(1), time, cancellationToken).ConfigureAwait(false);
            try
            {
                Flush();
                faults = 0;
            }
            catch (ScanEngineException exception)
            {
                failed(exception);
                rest = Backoff.After(++faults, 2 * Spacing, LongestRest, Random.Shared);
            }

            await Task.Delay(rest, time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Writes what is waiting. What could not be written waits on, unless something newer came.</summary>
    public void Flush()
    {
        Dictionary<Guid, EngineContact> taken;
        lock (_gate)
        {
            (taken, _waiting) = (_waiting, []);
        }

        if (taken.Count == 0)
        {
            return;
        }

        try
        {
            store.SaveContacts(taken.Values);
        }
        catch (ScanEngineException)
        {
            lock (_gate)
            {
                foreach (EngineContact contact in taken.Values)
                {
                    _waiting.TryAdd(contact.PairingId, contact);
                }
            }

            _signal.Set();
            throw;
        }
    }
}
