using System.Text;
using Newtonsoft.Json;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Messages;

namespace ScanEngineAdmin.Core.Pairing;

/// <summary>
/// A pairing's messages as JSON, which are read before anybody is trusted: shallow, short, and nothing unknown is let
/// pass.
/// </summary>
internal static class PairingJson
{
    private const int MaxDepth = 4;
    private const int MaxText = 128;
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    internal static Task SendAsync<T>(this IPairingMessages messages, T message, CancellationToken cancellationToken)
        where T : class
    {
        using var text = new StringWriter();
        WireJson.Strict(MaxDepth).Serialize(text, message);
        return messages.SendAsync(Encoding.UTF8.GetBytes(text.ToString()), cancellationToken);
    }

    /// <exception cref="FormatException">The bytes are not such a message.</exception>
    internal static async Task<T> ReceiveAsync<T>(this IPairingMessages messages, CancellationToken cancellationToken)
        where T : class => Read<T>(await messages.ReceiveAsync(cancellationToken).ConfigureAwait(false));

    internal static T Read<T>(byte[] bytes)
        where T : class
    {
        if (bytes.Length <= ChannelProtocol.MaxHandshakePayload)
        {
            try
            {
                using var json = new JsonTextReader(new StringReader(Strict.GetString(bytes))) { MaxDepth = MaxDepth };
                if (WireJson.Strict(MaxDepth).Deserialize<T>(json) is { } message && !json.Read() && IsFitToShow(message))
                {
                    return message;
                }
            }
            catch (Exception e) when (PeerJson.IsUnreadable(e))
            {
                // Said below, without echoing what a stranger sent.
            }
        }

        throw new FormatException($"The message is not a valid {typeof(T).Name}.");
    }

    private static bool IsFitToShow(object message) => message is not IIntroduction said
        || (PeerText.IsLine(said.Name, MaxText) && PeerText.IsLine(said.Product, MaxText));
}
