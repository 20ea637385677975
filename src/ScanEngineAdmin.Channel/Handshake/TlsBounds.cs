namespace ScanEngineAdmin.Channel.Handshake;

/// <summary>
/// How many bytes of a peer TLS is handed before this node knows who it is. The platform builds and verifies whatever
/// chain of certificates it is given before it asks anybody, which no setting prevents; so what a stranger may cost is
/// bounded by what TLS may read. A node's own certificate stands alone and has about 450 bytes.
/// </summary>
internal static class TlsBounds
{
    /// <summary>
    /// Until the handshake is done. Nodes need 1.1 KB at the acceptor and less than 1.5 KB at the dialler; a
    /// post-quantum key share adds 1.2 KB to either.
    /// </summary>
    public const int Handshake = 4 * 1024;

    /// <summary>
    /// Of that, what an acceptor takes after the dialler's first record: the certificate is in it, and nodes need
    /// 0.8 KB. Two signatures of the costliest kind fit into more.
    /// </summary>
    public const int AfterFirstRecord = 1536;

    /// <summary>From there to the verdict: three frames each way, at most 8 KiB each, and what TLS itself
    /// adds.</summary>
    public const int UntilVerdict = 64 * 1024;
}
