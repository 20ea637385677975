using ScanEngineAdmin.Domain.Scans;

namespace ScanEngineAdmin.Core.Console;

/// <summary>
/// The attempts of which one stream has brought data. Only those under way are kept: a channel may stay for months, and
/// a hostile engine names scans that there never were.
/// </summary>
internal sealed class SeenAttempts
{
    private readonly Dictionary<Guid, int> _seen = [];

    public bool IsFirst(Guid scanId, int attempt) => !_seen.TryGetValue(scanId, out int met) || met != attempt;

    public void Note(Guid scanId, int attempt, BatchOutcome outcome, bool final)
    {
        bool over = outcome == BatchOutcome.Fenced || (final && outcome != BatchOutcome.OutOfOrder);
        if (!over)
        {
            _seen[scanId] = attempt;
        }
        else if (!IsFirst(scanId, attempt))
        {
            _seen.Remove(scanId);
        }
    }
}
