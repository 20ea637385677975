using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Scanning.Compare;

/// <summary>
/// The findings of one scan in the order of their units, read a piece at a time. A seek reads on where the unit is
/// near, and begins anew where the unit is far ahead or behind.
/// </summary>
internal sealed class FindingCursor(IConsoleStore store, Guid scanId) : IDisposable
{
    // About what one piece of the store has: to read over fewer costs less than to ask again.
    private const int Near = 4096;

    private IEnumerator<Finding>? _findings;
    private Finding? _current;
    private long _sought;

    /// <summary>The first finding at that unit or behind it; null where there is none.</summary>
    public Finding? Seek(long unit)
    {
        if (_findings is null || unit < _sought || (_current is { } now && unit - now.Unit > Near))
        {
            _findings?.Dispose();
            _findings = store.ReadFindings(scanId, unit - 1).GetEnumerator();
            Next();
        }

        _sought = unit;
        while (_current is { } current && current.Unit < unit)
        {
            Next();
        }

        return _current;
    }

    /// <summary>The finding of that very unit; null where there is none.</summary>
    public Finding? Find(long unit) => Seek(unit) is { } found && found.Unit == unit ? found : null;

    public void Dispose() => _findings?.Dispose();

    private void Next() => _current = _findings!.MoveNext() ? _findings.Current : null;
}
