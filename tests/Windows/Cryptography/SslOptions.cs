using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace ScanEngineAdmin;

/// <summary>Test only: what both ends of <see cref="SslStream"/> are told.</summary>
public abstract class SslAuthenticationOptions
{
    public SslProtocols EnabledSslProtocols { get; set; }

    public List<SslApplicationProtocol>? ApplicationProtocols { get; set; }

    public X509RevocationMode CertificateRevocationCheckMode { get; set; }

    public X509ChainPolicy? CertificateChainPolicy { get; set; }

    public RemoteCertificateValidationCallback? RemoteCertificateValidationCallback { get; set; }

    public CipherSuitesPolicy? CipherSuitesPolicy { get; set; }

    public bool AllowTlsResume { get; set; } = true;
}

/// <summary>Test only: what the dialling end is told.</summary>
public sealed class SslClientAuthenticationOptions : SslAuthenticationOptions
{
    public string? TargetHost { get; set; }

    public SslStreamCertificateContext? ClientCertificateContext { get; set; }

    public X509CertificateCollection? ClientCertificates { get; set; }

    internal X509Certificate2? Shown =>
        ClientCertificateContext?.TargetCertificate ?? ClientCertificates?.OfType<X509Certificate2>().FirstOrDefault();
}

/// <summary>Test only: what the accepting end is told.</summary>
public sealed class SslServerAuthenticationOptions : SslAuthenticationOptions
{
    public X509Certificate? ServerCertificate { get; set; }

    public SslStreamCertificateContext? ServerCertificateContext { get; set; }

    public bool ClientCertificateRequired { get; set; }

    internal X509Certificate2? Shown =>
        ServerCertificateContext?.TargetCertificate ?? ServerCertificate as X509Certificate2;
}

/// <summary>Test only: the certificate that an end shows, and what it shows with it.</summary>
public sealed class SslStreamCertificateContext
{
    private SslStreamCertificateContext(X509Certificate2 target, byte[][] others)
    {
        TargetCertificate = target;
        Others = others;
    }

    public X509Certificate2 TargetCertificate { get; }

    internal IReadOnlyList<byte[]> Others { get; }

    public static SslStreamCertificateContext Create(
        X509Certificate2 target, X509Certificate2Collection? additionalCertificates, bool offline) =>
        new(target, [.. (additionalCertificates ?? []).Select(static one => one.RawData)]);
}

/// <summary>Test only: what the dialler said of itself in its first record.</summary>
/// <param name="ServerName">Whom it wants to reach.</param>
public readonly record struct SslClientHelloInfo(string ServerName);

/// <summary>Test only: chooses the accepting end's options by the dialler's first record.</summary>
public delegate ValueTask<SslServerAuthenticationOptions> ServerOptionsSelectionCallback(
    SslStream stream, SslClientHelloInfo clientHelloInfo, object? state, CancellationToken cancellationToken);
