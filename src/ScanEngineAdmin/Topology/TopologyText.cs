using System.Globalization;
using System.Text;

namespace ScanEngineAdmin.Topology;

/// <summary>
/// Text that a peer, an admin or a tool chose, made harmless: without what is invisible or reorders a line, of bounded
/// length, and escaped for the language that it stands in.
/// </summary>
internal static class TopologyText
{
    public const int MaxLength = 300;

    /// <summary>The text with a sign in place of every character that cannot be seen, cut if it is long.</summary>
    public static string Clean(string text)
    {
        var clean = new StringBuilder(Math.Min(text.Length, MaxLength));
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (clean.Length >= MaxLength)
            {
                return clean.Append('…').ToString();
            }

            clean.Append(IsSeen(rune) ? rune.ToString() : "\uFFFD");
        }

        return clean.ToString();
    }

    /// <summary>For the text and the quoted attributes of HTML and XML.</summary>
    public static string Markup(string text)
    {
        var markup = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            _ = rune.Value switch
            {
                '&' => markup.Append("&amp;"),
                '<' => markup.Append("&lt;"),
                '>' => markup.Append("&gt;"),
                '"' => markup.Append("&quot;"),
                '\'' => markup.Append("&#39;"),
                _ => markup.Append(IsSeen(rune) ? rune.ToString() : "\uFFFD"),
            };
        }

        return markup.ToString();
    }

    /// <summary>
    /// For a quoted label of Mermaid, whose lexer looks for directives, comments and styles in the whole text: what is
    /// neither a letter, a digit nor a few signs becomes the number of its character.
    /// </summary>
    public static string Mermaid(string text)
    {
        var label = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            bool plain = Rune.IsLetterOrDigit(rune) || rune.Value is ' ' or '.' or ',' or '-';
            string shown = IsSeen(rune) ? rune.ToString() : "\uFFFD";
            label.Append(plain ? shown : string.Create(CultureInfo.InvariantCulture, $"#{shown.EnumerateRunes().First().Value};"));
        }

        return label.ToString();
    }

    /// <summary>The text cut to a number of cells of a Latin letter's width; wide letters take two.</summary>
    public static string Fit(string text, int cells)
    {
        if (Cells(text) <= cells)
        {
            return text;
        }

        var fit = new StringBuilder();
        int used = 1;
        foreach (Rune rune in text.EnumerateRunes())
        {
            used += Cells(rune);
            if (used > cells)
            {
                break;
            }

            fit.Append(rune);
        }

        return fit.Append('…').ToString();
    }

    public static int Cells(string text) => text.EnumerateRunes().Sum(Cells);

    /// <summary>A time as it reads everywhere.</summary>
    public static string Time(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    /// <summary>A time as a program reads it.</summary>
    public static string Machine(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    public static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>How many of something there are, in words.</summary>
    public static string Count(int number, string one) => number == 1 ? $"1 {one}" : $"{Number(number)} {one}s";

    private static int Cells(Rune rune) => rune.Value is >= 0x1100 and < 0x1200 or >= 0x2E80 ? 2 : 1;

    private static bool IsSeen(Rune rune) => rune.Value != 0xFFFE && rune.Value != 0xFFFF
        && Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format
            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse
            or UnicodeCategory.OtherNotAssigned or UnicodeCategory.Surrogate);
}
