using System.Globalization;
using System.Text;
using Newtonsoft.Json;

namespace ScanEngineAdmin.Channel.Handshake;

/// <summary>
/// JSON of the handshake's frames: strict members, bounded depth, no type names, no host's default settings.
/// </summary>
internal static class HandshakeJson
{
    private const int MaxDepth = 4;

    /// <exception cref="ArgumentException">The message is too long for a handshake's frame.</exception>
    public static byte[] Write<T>(T message)
    {
        var text = new StringBuilder();
        using (var writer = new StringWriter(text, CultureInfo.InvariantCulture))
        {
            NewSerializer().Serialize(writer, message);
        }

        byte[] bytes = Encoding.UTF8.GetBytes(text.ToString());
        return bytes.Length <= ChannelProtocol.MaxHandshakePayload
            ? bytes
            : throw new ArgumentException(
                $"The message has {bytes.Length} bytes; a handshake frame carries at most "
                + $"{ChannelProtocol.MaxHandshakePayload}.",
                nameof(message));
    }

    /// <exception cref="FormatException">The bytes are not this message.</exception>
    public static T Read<T>(byte[] payload)
        where T : class
    {
        try
        {
            string text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(payload);
            using var reader = new JsonTextReader(new StringReader(text));
            return NewSerializer().Deserialize<T>(reader) ?? throw new FormatException("The message is empty.");
        }
        catch (Exception e) when (PeerJson.IsUnreadable(e))
        {
            // The exception's own text quotes what the peer sent; it stays inside.
            throw new FormatException("The message is not the JSON this protocol has for it.", e);
        }
    }

    private static JsonSerializer NewSerializer() => JsonSerializer.Create(new JsonSerializerSettings
    {
        MaxDepth = MaxDepth,
        MissingMemberHandling = MissingMemberHandling.Error,
        NullValueHandling = NullValueHandling.Ignore,
        TypeNameHandling = TypeNameHandling.None,
        MetadataPropertyHandling = MetadataPropertyHandling.Ignore,
        DateParseHandling = DateParseHandling.None,
        CheckAdditionalContent = true,
        Culture = CultureInfo.InvariantCulture,
    });
}
