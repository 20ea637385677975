using ScanEngineAdmin.Firewall.Tools;

namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <summary>The counters of iptables' rules inside: which of them have counted a packet since the last look.</summary>
internal sealed class SavedCounters(RehearsalSpace space, IReadOnlyList<SavedTables> tables)
{
    private readonly Dictionary<string, string> _last = new(StringComparer.Ordinal);

    public async Task<IReadOnlyList<SavedCount>> MovedAsync(CancellationToken cancellationToken)
    {
        var moved = new List<SavedCount>();
        foreach (SavedTables saved in tables)
        {
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
                string key = FormattableString.Invariant($"{saved.Tool} {table} {place}");
                if (_last.TryGetValue(key, out string? before) && before != count)
                {
                    moved.Add(new SavedCount(saved, table, text, policy, place));
                }

                _last[key] = count;
            }
        }

        return moved;
    }
}
