using ScanEngineAdmin.Core.Direction;

namespace ScanEngineAdmin.Core.Firewall;

/// <summary>A reachability test as a whole.</summary>
public sealed record FirewallTestResult
{
    /// <summary>Empty when an endpoint was tested without any engine.</summary>
    public required string EngineName { get; init; }

    public required CommunicationDirection Direction { get; init; }

    public required string EndPoint { get; init; }

    /// <summary>
    /// A full round trip with the expected node; without an expected identity, a handshake with some node. What could
    /// only be looked at from one end is not a success.
    /// </summary>
    public required bool Succeeded { get; init; }

    public required IReadOnlyList<FirewallTestStage> Stages { get; init; }

    /// <summary>The outcome in one sentence.</summary>
    public required string Verdict { get; init; }
}
