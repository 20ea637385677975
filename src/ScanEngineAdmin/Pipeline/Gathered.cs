namespace ScanEngineAdmin.Pipeline;

/// <summary>
/// The items of a pipeline, each once, for a cmdlet that acts on all of them together: what makes sense for one only
/// is refused before anything is changed.
/// </summary>
/// <param name="id">Tells the items apart.</param>
/// <param name="asks">What an item asks for: two rows of a file may differ in that. Null if all items ask for the same.</param>
internal sealed class Gathered<T>(Func<T, Guid> id, Func<T, object?>? asks = null)
{
    private readonly List<T> _items = [];
    private readonly Dictionary<Guid, T> _known = [];

    /// <summary>Whether the item is there already.</summary>
    /// <param name="item">One of the pipeline.</param>
    /// <param name="name">The item's name.</param>
    /// <exception cref="Domain.Faults.ScanEngineException">OptionInvalid: it is there, and asks for something else.</exception>
    public bool Has(T item, string? name = null)
    {
        if (!_known.TryGetValue(id(item), out T? known))
        {
            return false;
        }

        if (!Equals(asks?.Invoke(known), asks?.Invoke(item)))
        {
            throw SingleEngine.Twice(name);
        }

        return true;
    }

    /// <summary>Adds an item that is not there yet; what is there is kept.</summary>
    /// <param name="item">One of the pipeline.</param>
    /// <param name="name">The item's name.</param>
    /// <exception cref="Domain.Faults.ScanEngineException">OptionInvalid: it is there, and asks for something else.</exception>
    public void Add(T item, string? name = null)
    {
        if (!Has(item, name))
        {
            _known.Add(id(item), item);
            _items.Add(item);
        }
    }

    /// <summary>All items so far, which are no longer kept here.</summary>
    public T[] TakeAll()
    {
        T[] all = [.. _items];
        _items.Clear();
        _known.Clear();
        return all;
    }
}
