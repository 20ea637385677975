namespace ScanEngineAdmin.Channel;

/// <summary>What a node says of itself in its first frame. Claims, except the identity, which TLS has proved.</summary>
public sealed record PeerHello
{
    public required NodeRole Role { get; init; }

    public required Guid NodeId { get; init; }

    /// <summary>At most 128 characters.</summary>
    public string Name { get; init; } = string.Empty;

    /// <summary>Product version.</summary>
    public string Product { get; init; } = string.Empty;

    /// <summary>New at every start of the node.</summary>
    public Guid BootId { get; init; }

    public int MinVersion { get; init; } = ChannelProtocol.MinVersion;

    public int MaxVersion { get; init; } = ChannelProtocol.MaxVersion;

    /// <summary>
    /// Facts of the layer above (pairing, direction, epoch); at most 32, keys 64 and values 512 characters.
    /// </summary>
    public IReadOnlyDictionary<string, string> Properties { get; init; } = new Dictionary<string, string>();
}
