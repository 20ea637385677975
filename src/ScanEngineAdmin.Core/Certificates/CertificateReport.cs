using ScanEngineAdmin.Channel;

namespace ScanEngineAdmin.Core.Certificates;

/// <summary>A node's certificate, and how far its replacement is.</summary>
internal sealed record CertificateReport
{
    public required NodeRole Role { get; init; }

    public required CertificatePhase Phase { get; init; }

    /// <summary>The identity that counts: shown to whoever does not know another; empty if it was never made.</summary>
    public required Fingerprint Fingerprint { get; init; }

    /// <summary>While one is replaced: the one that goes.</summary>
    public Fingerprint? Old { get; init; }

    /// <summary>While one is replaced: the one that comes.</summary>
    public Fingerprint? New { get; init; }

    public Guid? RotationId { get; init; }

    public DateTimeOffset? Started { get; init; }

    public DateTimeOffset? Switched { get; init; }

    /// <summary>Whether the node runs: only then are its peers told.</summary>
    public required bool IsRunning { get; init; }

    public required string DataPath { get; init; }

    public required IReadOnlyList<CertificatePeer> Peers { get; init; }

    public IReadOnlyList<CertificatePeer> Lagging => Peers.Where(peer => peer.IsLagging).ToList();

    // Two reports with the same content are equal: a watcher sees a change only where there is one.
    public bool Equals(CertificateReport? other) => other is not null && Role == other.Role && Phase == other.Phase
        && Fingerprint == other.Fingerprint && RotationId == other.RotationId && IsRunning == other.IsRunning
        && Peers.SequenceEqual(other.Peers);

    public override int GetHashCode() => HashCode.Combine(Role, Phase, Fingerprint, RotationId, Peers.Count);
}
