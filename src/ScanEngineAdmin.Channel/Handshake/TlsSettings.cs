using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace ScanEngineAdmin.Channel.Handshake;

/// <summary>
/// The TLS options of both ends. There is no cipher policy on purpose: setting one switches the cached context and
/// session resumption off without a word.
/// </summary>
internal static class TlsSettings
{
    // The certificate check is by pin; the floor is there for peers whose TLS stack has no 1.3 yet.
    private const SslProtocols Protocols = SslProtocols.Tls12 | SslProtocols.Tls13;

    private static readonly SslApplicationProtocol ChannelProtocolName = new(ChannelProtocol.ChannelAlpn);
    private static readonly SslApplicationProtocol PairingProtocolName = new(ChannelProtocol.PairingAlpn);
    private static readonly SslApplicationProtocol BusyAnswerName = new(BusyAnswer.Alpn);

    public static SslClientAuthenticationOptions ForDialler(
        NodeIdentity identity, DialTarget target, ChannelPurpose purpose, RemoteCertificateValidationCallback judge) =>
        new()
        {
            // The session cache is keyed by this name, and an address as name would switch it off.
            TargetHost = ServerName.Of(target.Pins),
            ClientCertificateContext = identity.TlsContext,
            EnabledSslProtocols = Protocols,
            ApplicationProtocols =
                [purpose == ChannelPurpose.Channel ? ChannelProtocolName : PairingProtocolName, BusyAnswerName],
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            CertificateChainPolicy = NoChain(),
            RemoteCertificateValidationCallback = judge,
            // A pairing is the first proof of an identity: it rests on nothing an earlier connection left behind.
            AllowTlsResume = purpose == ChannelPurpose.Channel,
        };

    public static SslServerAuthenticationOptions ForAcceptor(NodeIdentity identity) => new()
    {
        ServerCertificateContext = identity.TlsContext,
        ClientCertificateRequired = true,
        EnabledSslProtocols = Protocols,
        ApplicationProtocols = [ChannelProtocolName, PairingProtocolName],
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        CertificateChainPolicy = NoChain(),
        // Any certificate gets through: who is refused is to be told why, which TLS 1.3 cannot do from here.
        RemoteCertificateValidationCallback = static (_, certificate, _, _) => certificate is not null,
    };

    public static ChannelPurpose? PurposeOf(SslApplicationProtocol negotiated) =>
        negotiated == ChannelProtocolName ? ChannelPurpose.Channel
        : negotiated == PairingProtocolName ? ChannelPurpose.Pairing
        : null;

    /// <summary>
    /// Whether the suite authenticates as it encrypts: those of TLS 1.2 with CBC leak by their timing, and nodes choose
    /// none of them. A policy that leaves them out would switch session resumption off.
    /// </summary>
    public static bool IsSound(TlsCipherSuite suite) =>
        !suite.ToString().Contains("_CBC_", StringComparison.Ordinal);

    // Nothing is looked up in the system's roots or fetched: the chain says nothing here, the key says all.
    private static X509ChainPolicy NoChain() => new()
    {
        TrustMode = X509ChainTrustMode.CustomRootTrust,
        RevocationMode = X509RevocationMode.NoCheck,
        DisableCertificateDownloads = true,
        VerificationFlags = X509VerificationFlags.AllFlags,
    };
}
