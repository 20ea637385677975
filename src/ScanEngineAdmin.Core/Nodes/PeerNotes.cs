namespace ScanEngineAdmin.Core.Nodes;

/// <summary>
/// What a paired peer can make a node log by coming and going is bounded, for each pairing and kind of line, so that a
/// line of one kind is not lost in many of another. What is left out is counted, and the count is said.
/// </summary>
internal sealed class PeerNotes(TimeProvider time)
{
    /// <summary>
    /// Lines of one kind about one pairing within <see cref="Window"/>; a line that flaps is well below.
    /// </summary>
    public const int LinesPerKind = 60;

    public static readonly TimeSpan Window = TimeSpan.FromMinutes(10);

    // Pairings are an admin's and kinds are few: reached by nothing that a peer does.
    private const int Kept = 262_144;

    private readonly AttemptCounter<(Guid, string)> _lines = new(Window, Kept, time);
    private readonly Dictionary<(Guid, string), long> _leftOut = [];

    /// <summary>Whether a line may be logged, with what is to be said at its end about those that were not.</summary>
    public bool MayLog(Guid pairingId, string kind, out string note)
    {
        (Guid, string) key = (pairingId, kind);
        int lines = _lines.Add(key);
        note = string.Empty;
        lock (_leftOut)
        {
            if (lines > LinesPerKind)
            {
                _leftOut[key] = _leftOut.GetValueOrDefault(key) + 1;
                return false;
            }

            if (_leftOut.Remove(key, out long leftOut))
            {
                note = $" ({leftOut} more lines like this about this pairing were left out.)";
            }
        }

        if (lines == LinesPerKind)
        {
            note += $" (Within {Window.TotalMinutes:0} minutes no more lines like this about this pairing are "
                + "written.)";
        }

        return true;
    }
}
