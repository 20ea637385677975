using System.Globalization;

namespace ScanEngineAdmin.Channel;

/// <summary>
/// Text that a peer, or whoever owns a store, wrote and a person will read. The one place that decides what may pass: it
/// ends up in logs, tables and terminals, so it must not end a line, move a cursor, or turn the reading direction of what
/// stands beside it.
/// </summary>
public static class PeerText
{
    /// <summary>Whether it may be kept as it is.</summary>
    public static bool IsLine(string? text, int most) => text is not null && text.Length <= most && Unsafe(text) < 0;

    /// <summary>What may be shown of it: cut, with a blank for whatever is not to be shown.</summary>
    public static string Line(string? text, int most)
    {
        string cut = text is null ? string.Empty : text.Length <= most ? text : text[..most];
        int first = Unsafe(cut);
        if (first < 0)
        {
            return cut;
        }

        return string.Create(cut.Length, (cut, first), static (span, source) =>
        {
            source.cut.CopyTo(span);
            for (int i = source.first; i < span.Length; i++)
            {
                if (IsUnsafe(source.cut, i))
                {
                    span[i] = ' ';
                }
            }
        });
    }

    private static int Unsafe(string text)
    {
        int first = text.AsSpan().IndexOfAnyExceptInRange(' ', '~');
        for (int i = first < 0 ? text.Length : first; i < text.Length; i++)
        {
            if (IsUnsafe(text, i))
            {
                return i;
            }
        }

        return -1;
    }

    private static bool IsUnsafe(string text, int at)
    {
        char c = text[at];
        if (c is >= ' ' and < '\x7F')
        {
            return false;
        }

        if (char.IsSurrogate(c))
        {
            bool whole = char.IsHighSurrogate(c)
                ? at + 1 < text.Length && char.IsLowSurrogate(text[at + 1])
                : at > 0 && char.IsHighSurrogate(text[at - 1]);
            return !whole || IsHidden(CharUnicodeInfo.GetUnicodeCategory(text, char.IsHighSurrogate(c) ? at : at - 1));
        }

        return IsHidden(CharUnicodeInfo.GetUnicodeCategory(c));
    }

    private static bool IsHidden(UnicodeCategory category) => category is UnicodeCategory.Control
        or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse;
}
