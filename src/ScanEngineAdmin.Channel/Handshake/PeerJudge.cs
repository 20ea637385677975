using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace ScanEngineAdmin.Channel.Handshake;

/// <summary>The dialler's decision on the certificate it is shown, made inside TLS; remembers what it met.</summary>
internal sealed class PeerJudge(DialTarget target, ChannelPurpose purpose)
{
    /// <summary>Why the peer was turned away; null while it was not.</summary>
    public ChannelException? Verdict { get; private set; }

    public bool Validate(object sender, X509Certificate? shown, X509Chain? chain, SslPolicyErrors errors)
    {
        _ = (sender, chain, errors);
        Verdict = Judge(shown);
        return Verdict is null;
    }

    public ChannelException? Judge(X509Certificate? shown)
    {
        if (shown is null)
        {
            return Fail(ChannelFault.WrongService, "finished TLS without a certificate; a ScanEngine node shows one");
        }

        using var own = shown as X509Certificate2 is null ? new X509Certificate2(shown) : null;
        X509Certificate2 certificate = own ?? (X509Certificate2)shown;
        Fingerprint met = Fingerprint.Of(certificate);
        bool wellFormed = NodeIdentity.IsP256(certificate);
        if (target.Pins.Contains(met)
            || (target.Pins.Count == 0 && purpose == ChannelPurpose.Pairing && wellFormed))
        {
            return null;
        }

        bool selfMade = certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData);
        if (!selfMade)
        {
            return Fail(
                ChannelFault.TlsIntercepted,
                $"showed a certificate issued by '{PeerText.Line(certificate.Issuer, 256)}' (fingerprint {met}). A node's certificate is issued by "
                + "nobody else: a device on the way opens TLS, or another TLS service answers on this port",
                met);
        }

        return wellFormed
            ? Fail(
                ChannelFault.PeerNotTrusted,
                $"showed the identity {met}, which is not the one expected "
                + $"({string.Join(" or ", target.Pins.Select(pin => pin.ToString()))}). It is another node, or this "
                + "one with a new key",
                met)
            : Fail(
                ChannelFault.WrongService,
                $"showed a self-made certificate that is not ECDSA P-256 (fingerprint {met}): another TLS service "
                + "answers on this port",
                met);
    }

    private ChannelException Fail(ChannelFault fault, string seen, Fingerprint met = default) =>
        new(fault, ChannelStage.Identity, target.EndPoint, $"{target.EndPoint} {seen}.")
        {
            Met = met,
        };
}
