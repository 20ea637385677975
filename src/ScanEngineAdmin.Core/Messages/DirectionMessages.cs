using Newtonsoft.Json;
using ScanEngineAdmin.Domain.Directions;

namespace ScanEngineAdmin.Core.Messages;

/// <summary>
/// Open the new way beside the old one. From its answer on the engine is in doubt until it hears the outcome.
/// </summary>
[JsonObject(ItemRequired = Required.Always)]
internal sealed record DirectionPrepare
{
    public required Guid ChangeId { get; init; }

    public required long Epoch { get; init; }

    public required CommunicationDirection To { get; init; }

    /// <summary>To reverse: where to dial the console; absent: where it was last seen.</summary>
    [JsonProperty(Required = Required.Default)]
    public string? ConsoleAddress { get; init; }

    [JsonProperty(Required = Required.Default)]
    public int? ConsolePort { get; init; }

    /// <summary>To standard: the port to listen on, if the admin named one and nothing listens yet.</summary>
    [JsonProperty(Required = Required.Default)]
    public int? ListenPort { get; init; }

    /// <summary>Ask your host's firewall applier as well; only to an engine whose hello says it knows of one.</summary>
    [JsonProperty(Required = Required.Default)]
    public PrepareFirewall? Firewall { get; init; }
}

/// <summary>How long to let the engine's host stay open, and to wait for it.</summary>
[JsonObject(ItemRequired = Required.Always)]
internal sealed record PrepareFirewall
{
    public required int LifetimeSeconds { get; init; }

    public required int PatienceSeconds { get; init; }
}

/// <summary>The new way is open.</summary>
internal sealed record DirectionPrepared
{
    /// <summary>To standard: the port it listens on.</summary>
    public int? ListenPort { get; init; }

    /// <summary>What became of the engine's host's firewall; only when it was asked for.</summary>
    public PreparedFirewall? Firewall { get; init; }
}

/// <summary>How a change ended; the truth, from the only decider.</summary>
[JsonObject(ItemRequired = Required.Always)]
internal sealed record DirectionOutcome
{
    public required Guid ChangeId { get; init; }

    public required long Epoch { get; init; }

    /// <summary>The direction in force.</summary>
    public required CommunicationDirection Direction { get; init; }
}
