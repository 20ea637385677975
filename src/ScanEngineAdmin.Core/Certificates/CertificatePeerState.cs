namespace ScanEngineAdmin.Core.Certificates;

/// <summary>How far a peer is in the replacement of this node's certificate.</summary>
public enum CertificatePeerState
{
    /// <summary>It has not acknowledged the certificate it is to know.</summary>
    Waiting,

    /// <summary>It knows the certificate.</summary>
    Acknowledged,

    /// <summary>A channel to it was opened with the certificate.</summary>
    Met,

    /// <summary>It knows this node by that certificate only.</summary>
    Done,

    /// <summary>The peer is not paired yet, so it cannot hear of the certificate.</summary>
    PairingUnderWay,
}
