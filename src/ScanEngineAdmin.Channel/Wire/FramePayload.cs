using System.Buffers.Binary;
using System.Text;

namespace ScanEngineAdmin.Channel.Wire;

/// <summary>
/// The payloads of the frames that are not opaque. Pure: no IO, no exceptions for whatever the bytes are.
/// </summary>
internal static class FramePayload
{
    public const int OpenPrefix = 6;
    public const int MaxOpenHeader = 4 * 1024;
    public const int RequestPrefix = 2;
    public const int CodePrefix = 2;
    public const int PingLength = 8;
    public const int CreditLength = 4;
    public const int MaxText = 512;

    public static bool TryReadOpen(
        ReadOnlySpan<byte> payload, out ushort kind, out uint credit, out ReadOnlySpan<byte> header)
    {
        kind = 0;
        credit = 0;
        header = default;
        if (payload.Length is < OpenPrefix or > OpenPrefix + MaxOpenHeader)
        {
            return false;
        }

        kind = BinaryPrimitives.ReadUInt16BigEndian(payload);
        credit = BinaryPrimitives.ReadUInt32BigEndian(payload[2..]);
        header = payload[OpenPrefix..];
        return credit <= int.MaxValue;
    }

    public static bool TryReadCredit(ReadOnlySpan<byte> payload, out uint credit)
    {
        credit = payload.Length == CreditLength ? BinaryPrimitives.ReadUInt32BigEndian(payload) : 0;
        return credit is > 0 and <= int.MaxValue;
    }

    public static bool TryReadRequest(ReadOnlySpan<byte> payload, out ushort method, out ReadOnlySpan<byte> body)
    {
        bool whole = payload.Length >= RequestPrefix;
        method = whole ? BinaryPrimitives.ReadUInt16BigEndian(payload) : (ushort)0;
        body = whole ? payload[RequestPrefix..] : default;
        return whole;
    }

    /// <summary>Code and text of Reset, Fault and Goodbye.</summary>
    public static bool TryReadCode(ReadOnlySpan<byte> payload, out ushort code, out string text)
    {
        bool whole = payload.Length >= CodePrefix;
        code = whole ? BinaryPrimitives.ReadUInt16BigEndian(payload) : (ushort)0;
        text = whole ? Printable(payload[CodePrefix..]) : string.Empty;
        return whole;
    }

    public static bool TryReadPing(ReadOnlySpan<byte> payload, out ulong opaque)
    {
        opaque = payload.Length == PingLength ? BinaryPrimitives.ReadUInt64BigEndian(payload) : 0;
        return payload.Length == PingLength;
    }

    /// <summary>Code and text, cut to what the wire allows.</summary>
    public static byte[] Code(int code, string text)
    {
        string cut = text.Length > MaxText ? text[..MaxText] : text;
        byte[] payload = new byte[CodePrefix + Encoding.UTF8.GetByteCount(cut)];
        BinaryPrimitives.WriteUInt16BigEndian(payload, (ushort)Math.Clamp(code, 0, ushort.MaxValue));
        Encoding.UTF8.GetBytes(cut, payload.AsSpan(CodePrefix));
        return payload;
    }

    private static string Printable(ReadOnlySpan<byte> utf8) =>
        PeerText.Line(Encoding.UTF8.GetString(utf8[..Math.Min(utf8.Length, 4 * MaxText)]), MaxText);
}
