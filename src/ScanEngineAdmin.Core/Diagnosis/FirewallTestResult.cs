using ScanEngineAdmin.Domain.Directions;

namespace ScanEngineAdmin.Core.Diagnosis;

/// <summary>A reachability test as a whole.</summary>
public sealed record FirewallTestResult
{
    /// <summary>Empty when an endpoint was tested without any engine.</summary>
    public required string EngineName { get; init; }

    /// <summary>The data folder of this host that knows the engine; none when an endpoint was tested.</summary>
    public string? DataPath { get; init; }

    public required CommunicationDirection Direction { get; init; }

    public required string EndPoint { get; init; }

    /// <summary>
    /// A full round trip with the expected node; without an expected identity, a handshake with some node. What could
    /// only be looked at from one end is not a success.
    /// </summary>
    public required bool Succeeded { get; init; }

    public required IReadOnlyList<FirewallTestStage> Stages { get; init; }

    /// <summary>What stops the way, or that nothing does; a side is named only when both ends were asked.</summary>
    public required FirewallVerdict Verdict { get; init; }

    /// <summary>The verdict's reason in a sentence or two.</summary>
    public required string VerdictDetail { get; init; }

    /// <summary>
    /// Whether this is the direction in use (or the one asked for), and not the one that should be closed.
    /// </summary>
    public bool ShouldBeOpen { get; init; } = true;

    /// <summary>The wanted way works, or the other one does not.</summary>
    public bool AsExpected => Succeeded == ShouldBeOpen;

    public override string ToString() => $"{EndPoint}: {Verdict}";
}
