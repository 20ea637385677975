using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <summary>The counters of iptables' rules inside, of one family: which of them have counted a packet since the last
/// look.</summary>
internal sealed class SavedCounters(RehearsalSpace space, IEnumerable<SavedTables> tables)
{
    private readonly Dictionary<string, string> _last = new(StringComparer.Ordinal);
    private SavedTables[] _ruled = [.. tables];

    public async Task<IReadOnlyList<SavedCount>> MovedAsync(CancellationToken cancellationToken)
    {
        var moved = new List<SavedCount>();
        bool first = _last.Count == 0;
        foreach (SavedTables saved in _ruled)
        {
            bool rules = false;
            string said = await space.MustAsync(new ToolCall(saved.Tool + "-save", ["-c"]), cancellationToken)
                .ConfigureAwait(false);
            string table = string.Empty;
            int place = 0;
            foreach (string line in said.Split('\n'))
            {
                if (line.StartsWith('*'))
                {
                    table = line[1..].Trim();
                    place = 0;
                    continue;
                }

                bool policy = line.StartsWith(':');
                if (!policy && !line.StartsWith('['))
                {
                    continue;
                }

                int open = line.IndexOf('[', StringComparison.Ordinal);
                int close = line.IndexOf(']', StringComparison.Ordinal);
                if (open < 0 || close < open)
                {
                    continue;
                }

                string count = line[open..(close + 1)];
                string text = policy ? line[..open].Trim() : line[(close + 1)..].Trim();
                place++;
                rules |= !policy || text.EndsWith(" DROP", StringComparison.Ordinal);
                string key = FormattableString.Invariant($"{saved.Tool} {table} {place}");
                if (_last.TryGetValue(key, out string? before) && before != count)
                {
                    moved.Add(new SavedCount(saved, table, text, policy, place));
                }

                _last[key] = count;
            }

            if (first && !rules)
            {
                // Nothing there decides anything.
                _ruled = [.. _ruled.Where(r => r != saved)];
            }
        }

        return moved;
    }
}
