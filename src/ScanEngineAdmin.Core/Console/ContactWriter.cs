using ScanEngineAdmin.Core.Nodes;
using ScanEngineAdmin.Domain.Engines;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Core.Console;

/// <summary>
/// Gathers the reports of contacts and writes them together a few times a second: ten thousand heartbeats must not
/// become ten thousand transactions. The latest per engine wins. What says the same as before, only later, waits for
/// others.
/// </summary>
/// <param name="store">Where they go.</param>
/// <param name="time">The clock.</param>
/// <param name="patience">How long a report without news may wait.</param>
internal sealed class ContactWriter(IConsoleStore store, TimeProvider time, TimeSpan patience)
{
    private static readonly TimeSpan Spacing = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(30);

    private readonly object _gate = new();
    private readonly AsyncSignal _signal = new(Spacing);
    private Dictionary<Guid, EngineContact> _waiting = [];

    public void Put(EngineContact contact, bool isNews = true)
    {
        lock (_gate)
        {
            _waiting[contact.PairingId] = Over(_waiting.GetValueOrDefault(contact.PairingId), contact);
        }

        if (isNews)
        {
            _signal.Set();
        }
    }

    public async Task RunAsync(Action<ScanEngineException> failed, CancellationToken cancellationToken)
    {
        int faults = 0;
        while (!cancellationToken.IsCancellationRequested)
        {
            TimeSpan rest = Spacing;
            await _signal.WaitAsync(patience, time, cancellationToken).ConfigureAwait(false);
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
                    _waiting[contact.PairingId] = _waiting.TryGetValue(contact.PairingId, out EngineContact? newer)
                        ? Over(contact, newer)
                        : contact;
                }
            }

            _signal.Set();
            throw;
        }
    }

    // As in the store: a value that a contact does not have keeps its last one.
    private static EngineContact Over(EngineContact? older, EngineContact newer) => older is null ? newer : newer with
    {
        LastContact = newer.LastContact ?? older.LastContact,
        ObservedAddress = newer.ObservedAddress ?? older.ObservedAddress,
        Version = newer.Version ?? older.Version,
    };
}
