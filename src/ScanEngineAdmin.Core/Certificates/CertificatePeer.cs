namespace ScanEngineAdmin.Core.Certificates;

/// <summary>One peer in a replacement of this node's certificate.</summary>
/// <param name="PairingId">The pairing.</param>
/// <param name="Name">The engine's or console's name.</param>
/// <param name="State">How far it is.</param>
/// <param name="IsLagging">Whether the next phase has to wait for it.</param>
/// <param name="LastContact">When it was last in contact.</param>
/// <param name="Detail">What it lacks, if it lags.</param>
internal sealed record CertificatePeer(
    Guid PairingId,
    string Name,
    CertificatePeerState State,
    bool IsLagging,
    DateTimeOffset? LastContact,
    string Detail);
