using Newtonsoft.Json;

namespace ScanEngineAdmin.Channel.Handshake;

/// <summary>
/// A hello on the wire. Its members are the same in every protocol version; new facts are properties.
/// </summary>
internal sealed class HelloMessage
{
    private const int MaxName = 128;
    private const int MaxProduct = 64;
    private const int MaxProperties = 32;
    private const int MaxKey = 64;
    private const int MaxValue = 512;

    [JsonProperty("role", Required = Required.Always)]
    public string Role { get; set; } = string.Empty;

    [JsonProperty("nodeId", Required = Required.Always)]
    public string NodeId { get; set; } = string.Empty;

    [JsonProperty("name", Required = Required.Always)]
    public string Name { get; set; } = string.Empty;

    [JsonProperty("product", Required = Required.Always)]
    public string Product { get; set; } = string.Empty;

    [JsonProperty("bootId", Required = Required.Always)]
    public string BootId { get; set; } = string.Empty;

    [JsonProperty("minVersion", Required = Required.Always)]
    public int MinVersion { get; set; }

    [JsonProperty("maxVersion", Required = Required.Always)]
    public int MaxVersion { get; set; }

    [JsonProperty("properties", Required = Required.Always)]
    public Dictionary<string, string> Properties { get; set; } = [];

    /// <exception cref="ArgumentException">The hello breaks a limit of the protocol.</exception>
    public static HelloMessage From(PeerHello hello)
    {
        var message = new HelloMessage
        {
            Role = hello.Role == NodeRole.Console ? "console" : "engine",
            NodeId = hello.NodeId.ToString("D"),
            Name = hello.Name,
            Product = hello.Product,
            BootId = hello.BootId.ToString("D"),
            MinVersion = hello.MinVersion,
            MaxVersion = hello.MaxVersion,
            Properties = new Dictionary<string, string>(hello.Properties, StringComparer.Ordinal),
        };
        return message.Flaw() is { } flaw
            ? throw new ArgumentException($"The hello's {flaw}.", nameof(hello))
            : message;
    }

    /// <exception cref="FormatException">The message breaks a limit of the protocol.</exception>
    public PeerHello ToHello() => Flaw() is { } flaw
        ? throw new FormatException($"The hello's {flaw}.")
        : new PeerHello
        {
            Role = Role == "console" ? NodeRole.Console : NodeRole.Engine,
            NodeId = Guid.ParseExact(NodeId, "D"),
            Name = Name,
            Product = Product,
            BootId = Guid.ParseExact(BootId, "D"),
            MinVersion = MinVersion,
            MaxVersion = MaxVersion,
            Properties = Properties,
        };

    private string? Flaw() =>
        Role is not ("console" or "engine") ? "role is neither console nor engine"
        : !Guid.TryParseExact(NodeId, "D", out Guid id) || id == Guid.Empty ? "node id is not a GUID"
        : !Guid.TryParseExact(BootId, "D", out _) ? "boot id is not a GUID"
        : !PeerText.IsLine(Name, MaxName) ? $"name is longer than {MaxName} characters or not one line"
        : !PeerText.IsLine(Product, MaxProduct) ? $"product is longer than {MaxProduct} characters or not one line"
        : MinVersion < 1 || MaxVersion < MinVersion ? "protocol versions are not a range"
        : Properties.Count > MaxProperties ? $"properties are more than {MaxProperties}"
        : Properties.Any(p => p.Key.Length is 0 or > MaxKey || p.Value is not { Length: <= MaxValue })
            ? $"properties have a key over {MaxKey} or a value over {MaxValue} characters"
        : null;
}
