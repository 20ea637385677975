using System.Diagnostics.CodeAnalysis;

namespace ScanEngineAdmin.Pipeline;

/// <summary>
/// The items of a pipeline, each once, for a cmdlet that acts on all of them together: what makes sense for one only
/// is refused before anything is changed.
/// </summary>
/// <param name="id">Tells the items apart.</param>
internal sealed class Gathered<T>(Func<T, Guid> id)
{
    private readonly List<T> _items = [];
    private readonly Dictionary<Guid, T> _known = [];

    public bool TryGet(Guid known, [MaybeNullWhen(false)] out T item) => _known.TryGetValue(known, out item);

    /// <summary>Adds an item that is not there yet; what is there is kept.</summary>
    /// <param name="item">One of the pipeline.</param>
    /// <param name="same">Whether the one that is there asks for the same, as two rows of a file may not; null if it always does.</param>
    /// <param name="name">The item's name.</param>
    /// <exception cref="Domain.Faults.ScanEngineException">OptionInvalid.</exception>
    public void Add(T item, Func<T, bool>? same = null, string? name = null)
    {
        if (!TryGet(id(item), out T? known))
        {
            _known.Add(id(item), item);
            _items.Add(item);
        }
        else if (same?.Invoke(known) == false)
        {
            throw SingleEngine.Twice(name);
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
