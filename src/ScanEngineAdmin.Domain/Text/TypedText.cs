using System.Globalization;
using System.Text;

namespace ScanEngineAdmin.Domain.Text;

/// <summary>
/// Text as people type it and as they paste it out of documents, web pages and spreadsheets: with blanks that do not
/// break, characters that nobody sees, and a word processor's dashes.
/// </summary>
internal static class TypedText
{
    private const int MostShown = 80;

    // Hyphen, non-breaking hyphen, figure dash, en dash, em dash, bar, minus, small and full-width hyphen.
    private const string Dashes = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\uFE58\uFE63\uFF0D";

    // Letters and signs that Unicode counts as visible and that show nothing.
    private const string BlankLetters = "\u115F\u1160\u2800\u3164\uFFA0";

    /// <summary>Without blanks and unseen characters around it, each dash of a word processor a hyphen.</summary>
    public static string Clean(string? text)
    {
        string trimmed = Trim(text ?? string.Empty);
        return trimmed.Any(IsForeignDash)
            ? string.Concat(trimmed.Select(static c => IsForeignDash(c) ? '-' : c))
            : trimmed;
    }

    /// <summary>
    /// Fit to be shown: short, on one line, what cannot be seen as its number, as in a&lt;U+200B&gt;b.
    /// </summary>
    public static string Shown(string? text)
    {
        var shown = new StringBuilder();
        int at = 0;
        foreach (Rune rune in (text ?? string.Empty).EnumerateRunes())
        {
            if (shown.Length >= MostShown)
            {
                return shown.Append("...").ToString();
            }

            // An unpaired half is enumerated as the replacement character.
            char half = rune == Rune.ReplacementChar ? text![at] : '\0';
            at += half != '\0' ? 1 : rune.Utf16SequenceLength;
            bool plain = rune.Value == ' '
                || (!Rune.IsWhiteSpace(rune) && !IsUnseen(rune) && !char.IsSurrogate(half));
            shown.Append(plain ? rune.ToString() : Number(char.IsSurrogate(half) ? half : rune.Value));
        }

        return shown.ToString();
    }

    public static bool IsDash(char c) => c == '-' || IsForeignDash(c);

    /// <summary>The first character that nobody sees, as its number; null if there is none.</summary>
    public static string? FirstUnseen(string text)
    {
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (IsUnseen(rune) || (Rune.IsWhiteSpace(rune) && rune.Value != ' '))
            {
                return Number(rune.Value);
            }
        }

        return null;
    }

    private static string Trim(string text)
    {
        int first = 0;
        int end = text.Length;
        while (first < end && IsNothing(text[first]))
        {
            first++;
        }

        while (end > first && IsNothing(text[end - 1]))
        {
            end--;
        }

        return text[first..end];
    }

    private static bool IsNothing(char c) =>
        char.IsWhiteSpace(c) || (!char.IsSurrogate(c) && IsUnseen(new Rune(c)));

    private static bool IsForeignDash(char c) => Dashes.Contains(c, StringComparison.Ordinal);

    private static bool IsUnseen(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format
            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.OtherNotAssigned
        || (rune.IsBmp && BlankLetters.Contains((char)rune.Value, StringComparison.Ordinal));

    private static string Number(int value) => string.Create(CultureInfo.InvariantCulture, $"<U+{value:X4}>");
}
