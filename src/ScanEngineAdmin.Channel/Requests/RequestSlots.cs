namespace ScanEngineAdmin.Channel.Requests;

/// <summary>
/// Places of requests in flight. An id is place and generation, so that a late answer does not meet the place's next
/// request. Not thread-safe; grows only as far as it is used.
/// </summary>
internal sealed class RequestSlots(int most)
{
    private const int IndexBits = 16;
    private readonly int _most = Math.Min(most, 1 << IndexBits);
    private Slot[] _slots = [];
    private int _firstFree = -1;

    /// <summary>Places taken, abandoned ones included.</summary>
    public int Count { get; private set; }

    public int Length => _slots.Length;

    public PendingRequest? this[int index] => _slots[index].Request;

    public bool TryTake(PendingRequest request, out uint id)
    {
        id = 0;
        if (_firstFree < 0 && !Grow())
        {
            return false;
        }

        int index = _firstFree;
        ref Slot slot = ref _slots[index];
        _firstFree = slot.Next;
        slot.Request = request;
        slot.Taken = true;
        slot.Generation++;
        request.Slot = index;
        Count++;
        id = Id(index);
        return true;
    }

    /// <summary>Frees the place of an id; null if it is not in use or its caller has given up.</summary>
    public PendingRequest? Free(uint id)
    {
        int index = (int)(id & ((1 << IndexBits) - 1));
        if (index >= _slots.Length || !_slots[index].Taken || Id(index) != id)
        {
            return null;
        }

        ref Slot slot = ref _slots[index];
        PendingRequest? request = slot.Request;
        slot.Request = null;
        slot.Taken = false;
        slot.Next = _firstFree;
        _firstFree = index;
        Count--;
        return request;
    }

    /// <summary>The caller has given up; the place stays taken. Returns the id.</summary>
    public uint Abandon(int index)
    {
        _slots[index].Request = null;
        return Id(index);
    }

    private uint Id(int index) => ((uint)_slots[index].Generation << IndexBits) | (uint)index;

    private bool Grow()
    {
        int old = _slots.Length;
        if (old >= _most)
        {
            return false;
        }

        Array.Resize(ref _slots, Math.Min(_most, Math.Max(4, 2 * old)));
        for (int i = _slots.Length - 1; i >= old; i--)
        {
            _slots[i].Next = _firstFree;
            _firstFree = i;
        }

        return true;
    }

    private struct Slot
    {
        public PendingRequest? Request;
        public ushort Generation;
        public bool Taken;
        public int Next;
    }
}
