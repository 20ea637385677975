using Newtonsoft.Json;

namespace ScanEngineAdmin.Channel.Handshake;

/// <summary>The acceptor's yes: the version agreed on, and its own hello.</summary>
internal sealed class WelcomeMessage
{
    [JsonProperty("version", Required = Required.Always)]
    public int Version { get; set; }

    [JsonProperty("hello", Required = Required.Always)]
    public HelloMessage Hello { get; set; } = new();
}
