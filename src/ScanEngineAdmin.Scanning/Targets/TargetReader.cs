using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Scans;
using ScanEngineAdmin.Domain.Text;

namespace ScanEngineAdmin.Scanning.Targets;

/// <summary>
/// Lists of targets as people have them: one or many in a text (a comma, semicolon, blank or the end of a line between
/// them), blank lines, a comment from # to the end of the line, blanks around the dash of a range, quotes around a cell. Every refusal names
/// the place: the item of the list, and the line in it.
/// </summary>
internal static class TargetReader
{
    private const int MostNamed = 5;

    // As programs, spreadsheets and word processors write them.
    private static readonly char[] Quotes = ['"', '\'', '\u2018', '\u2019', '\u201A', '\u201C', '\u201D', '\u201E'];

    private static readonly string[] RangeWords = ["to", "through", "thru", "until", "bis", "\u00E0", "a", "hasta", "tot", "til"];

    /// <summary>One target each, cleaned, with what it is. Throws TargetInvalid, TooManyTargets.</summary>
    /// <param name="texts">What was typed, or the lines of a file.</param>
    /// <param name="file">The file's name, if they are its lines.</param>
    /// <param name="toScan">Whether they are to be scanned: not what no host can be reached at.</param>
    public static List<(string Text, TargetText Target)> Read(
        IEnumerable<string?> texts, string? file = null, bool toScan = false)
    {
        List<string?> items = texts.Take(ScanLimits.MaxTargetTexts + 1).ToList();
        var read = new List<(string, TargetText)>();
        var faults = new List<(string Place, string Text, TextFlaw Flaw)>();
        for (int i = 0; i < items.Count; i++)
        {
            string[] lines = Lines(items[i] ?? string.Empty);
            for (int line = 0; line < lines.Length; line++)
            {
                foreach (string text in Split(lines[line]))
                {
                    TextFlaw? wrong = TargetText.Read(TypedText.Clean(text), out TargetText target);
                    if ((wrong ?? (toScan ? target.Unusable() : null)) is { } flaw)
                    {
                        faults.Add((Place(i, items.Count, line, lines.Length, file), text, flaw));
                    }
                    else
                    {
                        read.Add((TypedText.Clean(text), target));
                    }

                    if (read.Count + faults.Count > ScanLimits.MaxTargetTexts)
                    {
                        throw TooMany();
                    }
                }
            }
        }

        return items.Count > ScanLimits.MaxTargetTexts ? throw TooMany()
            : faults.Count > 0 ? throw Invalid(faults)
            : read;
    }

    public static ScanEngineException TooMany(string? why = null) => new(
        FaultCode.TooManyTargets,
        $"The targets are too many for one scan: {why ?? $"more than {ScanLimits.MaxTargetTexts} are listed"}.",
        "Split them over several scans.");

    /// <summary>The targets of a line, each as it stands there.</summary>
    internal static IEnumerable<string> Split(string line)
    {
        int comment = line.IndexOf('#', StringComparison.Ordinal);
        string rest = comment < 0 ? line : line[..comment];
        var parts = new List<string>();
        foreach (string piece in rest.Split([',', ';']))
        {
            // A byte order mark, or nothing that can be seen, is no target.
            parts.AddRange(Joined([.. piece.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
                .Select(static word => word.Trim(Quotes)).Where(static word => word.Length > 0)])
                .Where(static part => TypedText.Clean(part).Length > 0));
        }

        return parts;
    }

    /// <summary>
    /// Blanks around a dash belong to a range where the dash follows an address. A mask behind an address, and a word
    /// that stands for the dash, would be targets of their own that nobody meant: they stay with it and are refused.
    /// </summary>
    private static List<string> Joined(string[] words)
    {
        var joined = new List<string>();
        for (int i = 0; i < words.Length; i++)
        {
            bool begins = joined.Count > 0 && IsAddress(joined[^1]) && TypedText.IsDash(words[i][0]);
            bool goesOn = joined.Count > 0 && joined[^1].Length > 1 && TypedText.IsDash(joined[^1][^1])
                && IsAddress(joined[^1][..^1]);
            if (begins || goesOn)
            {
                joined[^1] += words[i];
            }
            else if (joined.Count > 0 && IsAddress(joined[^1]) && TargetText.IsMask(words[i]))
            {
                joined[^1] += $" {words[i]}";
            }
            else if (joined.Count > 0 && IsAddress(joined[^1]) && i + 1 < words.Length && IsAddress(words[i + 1])
                && RangeWords.Contains(words[i], StringComparer.OrdinalIgnoreCase))
            {
                joined[^1] += $" {words[i]} {words[++i]}";
            }
            else
            {
                joined.Add(words[i]);
            }
        }

        return joined;
    }

    private static bool IsAddress(string word) =>
        HostText.Read(TypedText.Clean(word), out HostText host) is null && host.Address is not null;

    private static string[] Lines(string text) =>
        text.Split(["\r\n", "\n", "\r", "\u0085", "\u2028", "\u2029"], StringSplitOptions.None);

    private static string Place(int item, int items, int line, int lines, string? file) =>
        (file, items > 1, lines > 1) switch
        {
            ({ } name, _, _) => $" ({name}, line {item + 1})",
            (null, true, true) => $" (item {item + 1}, line {line + 1})",
            (null, true, false) => $" (item {item + 1})",
            (null, false, true) => $" (line {line + 1})",
            _ => string.Empty,
        };

    private static ScanEngineException Invalid(List<(string Place, string Text, TextFlaw Flaw)> faults)
    {
        (string place, string text, TextFlaw flaw) = faults[0];
        string message = $"The target '{TypedText.Shown(text)}'{place} cannot be used: {flaw.Why}.";
        if (faults.Count > 1)
        {
            message += " So cannot " + string.Join(
                "; ",
                faults.Skip(1).Take(MostNamed).Select(static one =>
                    $"'{TypedText.Shown(one.Text)}'{one.Place}: {one.Flaw.Why}"))
                + (faults.Count > MostNamed + 1 ? $"; and {faults.Count - MostNamed - 1} more." : ".");
        }

        return TargetText.Invalid(message, flaw, text);
    }
}
