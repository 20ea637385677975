namespace ScanEngineAdmin.Core.Certificates;

/// <summary>How far the replacement of a node's certificate is.</summary>
public enum CertificatePhase
{
    /// <summary>One certificate; none is being replaced.</summary>
    Settled,

    /// <summary>The new one exists beside the old, and is announced to the peers; the old one is shown.</summary>
    Prepared,

    /// <summary>The new one is shown to every peer that knows it, the old one to those that do not yet.</summary>
    Switched,

    /// <summary>Every peer has met the new one; they are told to drop the old. There is no way back.</summary>
    Finishing,

    /// <summary>The old one is shown again; the peers are told to drop the new.</summary>
    RollingBack,
}
