using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Core.Certificates;
using ScanEngineAdmin.Pipeline;

namespace ScanEngineAdmin;

/// <summary>The certificate of a console or an engine of this host, and how far its replacement is.</summary>
public sealed class EngineCertificate
{
    internal EngineCertificate(CertificateReport report)
    {
        Role = report.Role;
        State = report.Phase;
        Fingerprint = report.Fingerprint.IsEmpty ? null : report.Fingerprint.ToString();
        OldFingerprint = report.Old?.ToString();
        NewFingerprint = report.New?.ToString();
        Started = InputParser.Local(report.Started);
        // Arrays: PowerShell cannot index what a collection expression makes of a read-only list.
        Peers = report.Peers.Select(peer => new EngineCertificatePeer(peer, report.DataPath)).ToArray();
        Lagging = new TextList(report.Lagging.Select(peer => peer.Name));
        IsRunning = report.IsRunning;
        DataPath = report.DataPath;
    }

    public NodeRole Role { get; }

    /// <summary>Settled, Prepared, Switched, Finishing or RollingBack.</summary>
    public CertificatePhase State { get; }

    /// <summary>The identity that counts: what the other side compares.</summary>
    public string? Fingerprint { get; }

    /// <summary>While one is replaced: the one that goes.</summary>
    public string? OldFingerprint { get; }

    /// <summary>While one is replaced: the one that comes.</summary>
    public string? NewFingerprint { get; }

    public DateTime? Started { get; }

    /// <summary>Every peer that the replacement concerns, and how far it is.</summary>
    public IReadOnlyList<EngineCertificatePeer> Peers { get; }

    /// <summary>The names of those that the next phase waits for.</summary>
    public TextList Lagging { get; }

    /// <summary>Whether the node runs: a stopped node tells its peers nothing.</summary>
    public bool IsRunning { get; }

    public string DataPath { get; }

    public override string ToString() => Fingerprint ?? string.Empty;
}
