using Newtonsoft.Json;
using ScanEngineAdmin.Domain.Directions;

namespace ScanEngineAdmin.Core.Diagnosis;

/// <summary>
/// What an admin's session asks the running node to ask the other end. Lies in the store until answered.
/// </summary>
[JsonObject(ItemRequired = Required.Always)]
internal sealed record ReachabilityQuestion
{
    public required Guid QuestionId { get; init; }

    public required Guid PairingId { get; init; }

    public required CommunicationDirection Direction { get; init; }

    public required int Port { get; init; }

    public required int WithinSeconds { get; init; }

    /// <summary>Whether the other end is to dial this one, too.</summary>
    public required bool Probe { get; init; }

    /// <summary>The port for it to dial; null: the one that it would dial by itself.</summary>
    [JsonProperty(Required = Required.Default)]
    public int? ProbePort { get; init; }

    /// <summary>
    /// The other host's filter is asked about and nothing else; absent, and unknown to an older node, otherwise.
    /// </summary>
    [JsonProperty(Required = Required.Default)]
    public bool? Firewall { get; init; }

    public required int TimeoutMs { get; init; }

    public required long AskedUnixMs { get; init; }
}
