using Newtonsoft.Json;

namespace ScanEngineAdmin.Channel.Handshake;

/// <summary>The acceptor's no. Its members are the same in every protocol version.</summary>
internal sealed class RefuseMessage
{
    private const int MaxText = 512;
    private const long MaxRetryAfter = 7L * 24 * 60 * 60 * 1000;

    [JsonProperty("code", Required = Required.Always)]
    public int Code { get; set; }

    [JsonProperty("text", Required = Required.Always)]
    public string Text { get; set; } = string.Empty;

    [JsonProperty("retryAfterMs")]
    public long? RetryAfterMs { get; set; }

    [JsonProperty("minVersion", Required = Required.Always)]
    public int MinVersion { get; set; }

    [JsonProperty("maxVersion", Required = Required.Always)]
    public int MaxVersion { get; set; }

    public static RefuseMessage From(Refusal refusal) => new()
    {
        Code = (int)refusal.Code,
        Text = PeerText.Line(refusal.Text, MaxText),
        RetryAfterMs = refusal.RetryAfter is { } after ? (long)after.TotalMilliseconds : null,
        MinVersion = refusal.MinVersion,
        MaxVersion = refusal.MaxVersion,
    };

    /// <summary>A code of a newer peer becomes Unspecified; the text still says why.</summary>
    public Refusal ToRefusal() => new(
        Enum.IsDefined((RefusalCode)Code) ? (RefusalCode)Code : RefusalCode.Unspecified,
        PeerText.Line(Text, MaxText),
        RetryAfterMs is { } after ? TimeSpan.FromMilliseconds(Math.Clamp(after, 0, MaxRetryAfter)) : null,
        MinVersion,
        MaxVersion);
}
