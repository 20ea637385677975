using System.Text;
using Newtonsoft.Json;
using Newtonsoft.Json.Converters;
using Newtonsoft.Json.Serialization;
using ScanEngineAdmin.Channel;

namespace ScanEngineAdmin.Core.Messages;

/// <summary>
/// Control messages as JSON. Settings are explicit, because a profile's JsonConvert.DefaultSettings would leak in:
/// no type names, bounded depth, and a member that the agreed version does not know is an error. What a peer says is
/// read as lines that may be shown (<see cref="PeerText"/>), and a list has no gaps.
/// </summary>
internal static class WireJson
{
    private const int MaxDepth = 16;
    private static readonly JsonSerializer Serializer = Strict(MaxDepth);

    public static JsonSerializer Strict(int maxDepth) => JsonSerializer.Create(new JsonSerializerSettings
    {
        ContractResolver = new CamelCasePropertyNamesContractResolver(),
        Converters = [new StringEnumConverter { AllowIntegerValues = false }],
        TypeNameHandling = TypeNameHandling.None,
        MetadataPropertyHandling = MetadataPropertyHandling.Ignore,
        MissingMemberHandling = MissingMemberHandling.Error,
        NullValueHandling = NullValueHandling.Ignore,
        DateParseHandling = DateParseHandling.None,
        MaxDepth = maxDepth,
    });

    public static byte[] Write<T>(T message)
        where T : class
    {
        using var text = new StringWriter();
        Serializer.Serialize(text, message);
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <exception cref="PeerRequestException">The bytes are not such a message.</exception>
    public static T Read<T>(ReadOnlyMemory<byte> bytes)
        where T : class
    {
        try
        {
            using var text = new StringReader(Encoding.UTF8.GetString(bytes.Span));
            using var json = new LineJsonReader(text) { MaxDepth = MaxDepth };
            T? message = Serializer.Deserialize<T>(json);
            if (message is not null && !json.Read())
            {
                return message;
            }
        }
        catch (Exception e) when (PeerJson.IsUnreadable(e))
        {
            // Answered below, without echoing what the peer sent.
        }

        throw new PeerRequestException((int)RequestCode.Malformed, $"The message is not a valid {typeof(T).Name}.");
    }
}
