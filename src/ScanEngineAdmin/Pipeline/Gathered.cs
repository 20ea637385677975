namespace ScanEngineAdmin.Pipeline;

/// <summary>
/// The items of a pipeline, each once, for a cmdlet that acts on all of them together: what makes sense for one only
/// is refused before anything is changed.
/// </summary>
/// <param name="id">Tells the items apart.</param>
internal sealed class Gathered<T>(Func<T, Guid> id)
{
    private readonly List<T> _items = [];
    private readonly HashSet<Guid> _ids = [];

    public bool Has(Guid known) => _ids.Contains(known);

    public void Add(T item)
    {
        if (_ids.Add(id(item)))
        {
            _items.Add(item);
        }
    }

    /// <summary>All items so far, which are no longer kept here.</summary>
    public T[] TakeAll()
    {
        T[] all = [.. _items];
        _items.Clear();
        _ids.Clear();
        return all;
    }
}
