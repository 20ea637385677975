using System.Text;
using System.Text.RegularExpressions;

namespace ScanEngineAdmin.Firewall.Rehearsal;

/// <summary>Sets witnesses into what iptables saved.</summary>
internal static partial class SavedWitnesses
{
    private static readonly HashSet<string> Harmless = new(StringComparer.Ordinal)
    {
        "LOG", "NFLOG", "ULOG", "AUDIT", "TRACE", "SET", "TCPMSS", "RATEEST", "LED", "CHECKSUM",
    };

    private static readonly HashSet<string> Elsewhere = new(StringComparer.Ordinal)
    {
        "NFQUEUE", "QUEUE", "SYNPROXY", "TPROXY", "TARPIT", "DELUDE", "STEAL", "HMARK",
    };

    // Whose value may look like an option of the rule.
    private static readonly HashSet<string> Named = new(StringComparer.Ordinal)
    {
        "--comment", "--name", "--hashlimit-name", "--string", "--hex-string", "--helper", "--match-set",
    };

    public static (string Text, IReadOnlyList<Witness> Witnesses) Add(
        SavedTables saved, HostFilter filter, Uncertainty uncertainty, int first)
    {
        HashSet<string> filled = [.. filter.Saved.SelectMany(static s => Filled().Matches(s.Text))
            .Select(static m => m.Groups[1].Value)];
        if (uncertainty.MacUnknown)
        {
            filled.UnionWith(OfMac().Matches(filter.Sets).Select(static m => m.Groups[1].Value));
        }

        HashSet<string> expiring = [.. Expiring().Matches(filter.Sets).Select(static m => m.Groups[1].Value)];
        IReadOnlyList<Match> members = Member().Matches(filter.Sets);
        foreach (HashSet<string> inner in (HashSet<string>[])[filled, expiring])
        {
            inner.UnionWith(members.Where(m => inner.Contains(m.Groups[2].Value)).Select(static m => m.Groups[1].Value));
        }

        bool sizesMatter = AskSegmentSize(filter);
        var witnesses = new List<Witness>();
        var text = new StringBuilder();
        string table = string.Empty;
        string[] lines = saved.Text.Split('\n');
        HashSet<int> denying = RestOfChain.Denying(lines);
        for (int i = 0; i < lines.Length; i++)
        {
            string line = lines[i];
            table = line.StartsWith('*') ? line[1..].Trim() : table;
            if (line.StartsWith("-A ", StringComparison.Ordinal)
                && Of(line, uncertainty, filled, expiring, sizesMatter) is { } found)
            {
                string mark = Witness.MarkOf(first + witnesses.Count);
                witnesses.Add(new Witness(mark, found.Effect, $"{saved.Tool} {line}")
                { Table = $"{saved.Family} {table}", ElseDenies = denying.Contains(i) });
                text.Append(found.Certain).Append(" -m comment --comment ").Append(mark).Append('\n');
            }

            text.Append(line).Append('\n');
        }

        return (text.ToString().TrimEnd('\n') + "\n", witnesses);
    }

    private static (string Certain, WitnessEffect Effect)? Of(
        string line, Uncertainty uncertainty, HashSet<string> filled, HashSet<string> expiring, bool sizesMatter)
    {
        string[] words = [.. RawWords().Matches(line).Select(static m => m.Value)];
        if (IsOfAnotherProtocol(words))
        {
            return null;
        }

        var certain = new List<string>(words[..2]);
        var group = new List<string>();
        string module = string.Empty;
        string target = string.Empty;
        string[] options = [];
        bool uncertain = false;
        for (int i = 2; i < words.Length; i++)
        {
            if (Named.Contains(words[i]) && i + 1 < words.Length)
            {
                group.AddRange(words[i..(i + 2)]);
                i++;
                continue;
            }

            if (words[i] is "-m" or "-j" or "-g")
            {
                End();
                module = i + 1 < words.Length ? words[i + 1] : string.Empty;
                if (words[i] != "-m")
                {
                    target = module;
                    options = words[Math.Min(i + 2, words.Length)..];
                    group.Clear();
                    uncertain |= target is "DNAT" or "REDIRECT" && options.Any(static w =>
                        w.StartsWith("--random", StringComparison.Ordinal) || (w[0] != '-' && w.Contains('-')));
                    break;
                }
            }

            group.Add(words[i]);
        }

        End();

        // Marks, classes and queues come from an element that may be there or not.
        bool maps = target == "SET" && options.Contains("--map-set");
        uncertain |= Elsewhere.Contains(target)
            || (maps && options.Any(o => filled.Contains(o) || expiring.Contains(o)));
        WitnessEffect effect = target switch
        {
            "" => WitnessEffect.None,
            "ACCEPT" => WitnessEffect.Accept,
            "DROP" or "REJECT" => WitnessEffect.Deny,
            "RETURN" => WitnessEffect.Return,
            _ => Harmless.Contains(target) && !maps && !(target == "TCPMSS" && sizesMatter)
                ? WitnessEffect.None : WitnessEffect.Other,
        };
        return uncertain && effect != WitnessEffect.None ? (string.Join(' ', certain), effect) : null;

        void End()
        {
            // Which options of TCP an end sends is its own affair, but for those conditions beside it.
            int option = group.IndexOf("--tcp-option");
            if (option > 0)
            {
                uncertain = true;
                int from = group[option - 1] == "!" ? option - 1 : option;
                group.RemoveRange(from, Math.Min(option + 2, group.Count) - from);
            }

            // Elements whose time is up only go: an address that is not in such a set stays out of it.
            bool expires = module == "set" && group.Exists(expiring.Contains);
            bool mayDiffer = uncertainty.IsUncertain(module, group)
                || (module == "set" && group.Exists(filled.Contains)) || (expires && group.Contains("!"));
            uncertain |= (mayDiffer || expires) && group.Count > 0;
            certain.AddRange(mayDiffer ? [] : group);
            group.Clear();
        }
    }

    // But for those that set it: whether a size is set a second time decides of no packet.
    private static bool AskSegmentSize(HostFilter filter) => NativeSize().IsMatch(filter.Native)
        || filter.Saved.SelectMany(static s => s.Text.Split('\n')).Any(static line =>
            line.Contains(" --mss ", StringComparison.Ordinal) && SavedRule.Target(line) != "TCPMSS");

    // Only TCP is asked about, and what the kernel sends by itself, as it looks for routers, is none of that.
    private static bool IsOfAnotherProtocol(string[] words)
    {
        int at = Array.IndexOf(words, "-p");
        int modules = Array.IndexOf(words, "-m");
        return at > 0 && (modules < 0 || at < modules) && at + 1 < words.Length && words[at - 1] != "!" && words[at + 1] is not ("tcp" or "6" or "all");
    }

    [GeneratedRegex(@"\bmaxseg size (?!set\b)")]
    private static partial Regex NativeSize();

    [GeneratedRegex(@"^create (\S+) \S*\bmac\b", RegexOptions.Multiline)]
    private static partial Regex OfMac();

    [GeneratedRegex(@"--(?:add|del)-set (\S+)")]
    private static partial Regex Filled();

    [GeneratedRegex(@"^create (\S+) .*\btimeout ", RegexOptions.Multiline)]
    private static partial Regex Expiring();

    // Of a list of sets.
    [GeneratedRegex(@"^add (\S+) (\S+)", RegexOptions.Multiline)]
    private static partial Regex Member();

    [GeneratedRegex("\"(?:[^\"\\\\]|\\\\.)*\"|\\S+")]
    private static partial Regex RawWords();
}
