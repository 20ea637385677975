using System.Text;

namespace ScanEngineAdmin.Channel.Handshake;

/// <summary>Names what speaks on a connection by the first bytes it sent.</summary>
internal static class FirstBytes
{
    private const byte AlertRecord = 21;
    private const byte HandshakeRecord = 22;
    private const int RecordHeader = 5;
    private const int MaxRecord = (16 * 1024) + 256;
    private const int MostShown = 48;

    /// <summary>The alert a TLS server sends when no ALPN is in common.</summary>
    public const int NoApplicationProtocol = 120;

    /// <summary>
    /// The length of the TLS record that begins here; null if it cannot be the start of a TLS handshake.
    /// </summary>
    public static int? RecordLength(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < RecordHeader || bytes[0] != HandshakeRecord || bytes[1] != 3)
        {
            return null;
        }

        int length = RecordHeader + (bytes[3] << 8) + bytes[4];
        return length <= MaxRecord ? length : null;
    }

    /// <summary>The number of the TLS alert the peer answered with, if it did so in the clear.</summary>
    public static int? Alert(ReadOnlySpan<byte> bytes) =>
        bytes.Length >= RecordHeader + 2 && bytes[0] == AlertRecord && bytes[1] == 3 && bytes[4] == 2
            ? bytes[RecordHeader + 1]
            : null;

    /// <summary>What it is, if it is not TLS; null for TLS and for nothing at all.</summary>
    public static string? Foreign(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty || LooksLikeTls(bytes))
        {
            return null;
        }

        if (bytes.StartsWith("SSH-"u8))
        {
            return $"SSH ({Line(bytes)})";
        }

        if (bytes.StartsWith("HTTP/"u8) || IsHttpRequest(bytes))
        {
            return $"HTTP ({Line(bytes)})";
        }

        return IsText(bytes)
            ? $"plain text ({Line(bytes)})"
            : $"an unknown protocol (first bytes {Convert.ToHexString(bytes[..Math.Min(8, bytes.Length)])})";
    }

    private static bool LooksLikeTls(ReadOnlySpan<byte> bytes) =>
        bytes[0] is >= 20 and <= 23 && (bytes.Length < 2 || bytes[1] == 3);

    private static bool IsHttpRequest(ReadOnlySpan<byte> bytes) =>
        bytes.StartsWith("GET "u8) || bytes.StartsWith("POST "u8) || bytes.StartsWith("HEAD "u8)
        || bytes.StartsWith("PUT "u8) || bytes.StartsWith("OPTIONS "u8) || bytes.StartsWith("CONNECT "u8)
        || bytes.StartsWith("PRI * "u8);

    private static bool IsText(ReadOnlySpan<byte> bytes)
    {
        foreach (byte b in bytes)
        {
            if (b is not ((byte)'\r' or (byte)'\n' or (byte)'\t' or (>= 0x20 and < 0x7F)))
            {
                return false;
            }
        }

        return true;
    }

    // Shown to an operator and written to logs: one line, printable ASCII, short.
    private static string Line(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder("\"");
        foreach (byte b in bytes)
        {
            if (b is (byte)'\r' or (byte)'\n' || text.Length > MostShown)
            {
                break;
            }

            text.Append(b is >= 0x20 and < 0x7F ? (char)b : '.');
        }

        return text.Append('"').ToString();
    }
}
