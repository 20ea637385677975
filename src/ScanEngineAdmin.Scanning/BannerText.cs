using System.Globalization;
using System.Text;

namespace ScanEngineAdmin.Scanning;

/// <summary>
/// What an open port said, as one printable line: a hostile banner must not move a terminal's cursor or forge a log
/// line.
/// </summary>
internal static class BannerText
{
    public const int MaxRead = 256;

    /// <summary>Null for nothing or blanks only.</summary>
    public static string? From(ReadOnlySpan<byte> said)
    {
        ReadOnlySpan<byte> trimmed = said.Trim(" \r\n\t\0"u8);
        var text = new StringBuilder(trimmed.Length);
        foreach (byte b in trimmed)
        {
            _ = b switch
            {
                (byte)'\r' => text.Append("\\r"),
                (byte)'\n' => text.Append("\\n"),
                (byte)'\t' => text.Append("\\t"),
                (byte)'\\' => text.Append("\\\\"),
                >= 0x20 and < 0x7F => text.Append((char)b),
                _ => text.Append(CultureInfo.InvariantCulture, $"\\x{b:X2}"),
            };
        }

        return text.Length == 0 ? null : text.ToString();
    }
}
