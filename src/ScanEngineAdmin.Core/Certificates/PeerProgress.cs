using Newtonsoft.Json;

namespace ScanEngineAdmin.Core.Certificates;

/// <summary>How far one peer is in a replacement of this node's certificate; fingerprints in hex.</summary>
internal sealed record PeerProgress
{
    public required Guid RotationId { get; init; }

    /// <summary>The new key was said to it, so it may know it, whether its answer arrived or not.</summary>
    [JsonProperty("told")]
    public bool Informed { get; init; }

    /// <summary>The key that it has acknowledged.</summary>
    public string? Known { get; init; }

    /// <summary>The key of this node that a channel to it was opened with.</summary>
    public string? Met { get; init; }

    /// <summary>The key that it holds to be this node's only one.</summary>
    public string? Settled { get; init; }

    /// <summary>Why it could not be told.</summary>
    public string? Reason { get; init; }
}
