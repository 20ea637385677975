using ScanEngineAdmin.Domain.Scans;

namespace ScanEngineAdmin.Core.Console;

/// <summary>
/// The attempts of which one stream has brought data. Only those under way are kept: a channel may stay for months, and
/// a hostile engine names scans that there never were.
/// </summary>
internal sealed class MetAttempts
{
    private readonly Dictionary<Guid, int> _met = [];

    public int Count => _met.Count;

    public bool IsFirst(Guid scanId, int attempt) => !_met.TryGetValue(scanId, out int met) || met != attempt;

    public void Note(Guid scanId, int attempt, BatchOutcome outcome, bool final)
    {
        bool over = outcome == BatchOutcome.Fenced || (final && outcome != BatchOutcome.OutOfOrder);
        if (!over)
        {
            _met[scanId] = attempt;
        }
        else if (!IsFirst(scanId, attempt))
        {
            _met.Remove(scanId);
        }
    }
}
