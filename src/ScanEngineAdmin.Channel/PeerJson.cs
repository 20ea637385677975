using Newtonsoft.Json;

namespace ScanEngineAdmin.Channel;

/// <summary>
/// What reading a peer's JSON can end in. The library throws exceptions of its own for most of what is wrong, and lets
/// those of the platform through for the rest (bytes that are no Base64, an array of numbers that are no bytes); to
/// whoever reads a message they are the same: it is none.
/// </summary>
public static class PeerJson
{
    public static bool IsUnreadable(Exception exception) => exception is JsonException or FormatException
        or OverflowException or ArgumentException or InvalidCastException;
}
