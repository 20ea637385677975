using Newtonsoft.Json;
using ScanEngineAdmin.Domain.Directions;

namespace ScanEngineAdmin.Core.Messages;

/// <summary>The engine asks for work and says when it will ask again.</summary>
[JsonObject(ItemRequired = Required.Always)]
internal sealed record PollRequest
{
    public required int IntervalSeconds { get; init; }

    public required int RunningScans { get; init; }

    /// <summary>A direction that the engine's own admin proposes.</summary>
    [JsonProperty(Required = Required.Default)]
    public CommunicationDirection? Proposal { get; init; }
}

/// <summary>Whether there is work: then this connection is the channel for it.</summary>
[JsonObject(ItemRequired = Required.Always)]
internal sealed record PollReply
{
    public required bool Work { get; init; }

    /// <summary>The console takes the proposal up, or has nothing to take up.</summary>
    public required bool ProposalTaken { get; init; }
}
