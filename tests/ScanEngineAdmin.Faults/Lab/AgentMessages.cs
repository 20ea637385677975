using ScanEngineAdmin.Core.Diagnosis;
using ScanEngineAdmin.Domain.Directions;

namespace ScanEngineAdmin.Faults.Lab;

/// <summary>What a lab asks of the agent on one of its hosts; one line of JSON.</summary>
internal sealed record AgentAsk
{
    public const string Start = "start";
    public const string Pair = "pair";
    public const string Test = "test";

    public required string What { get; init; }

    /// <summary>Pair: where to dial, with which secret, under which name.</summary>
    public string Address { get; init; } = string.Empty;

    public int Port { get; init; }

    public string Secret { get; init; } = string.Empty;

    public string EngineName { get; init; } = string.Empty;

    public CommunicationDirection Direction { get; init; }

    public int TimeoutMs { get; init; }

    /// <summary>Test: without the other end, as if no channel were open.</summary>
    public bool Alone { get; init; }

    /// <summary>Test: as a node that nobody is paired with.</summary>
    public bool Stranger { get; init; }

    /// <summary>Test: with a hello of protocol versions that nobody speaks.</summary>
    public bool OtherVersion { get; init; }
}

/// <summary>The agent's answer; one line of JSON.</summary>
internal sealed record AgentAnswer
{
    public string? Error { get; init; }

    public FirewallTestResult? Result { get; init; }
}
