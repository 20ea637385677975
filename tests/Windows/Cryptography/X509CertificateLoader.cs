using System.Security.Cryptography.X509Certificates;

namespace ScanEngineAdmin;

/// <summary>Test only: reads what a test's certificate was exported to.</summary>
public static class X509CertificateLoader
{
    public static X509Certificate2 LoadPkcs12(byte[] data, string? password) =>
        new(data, password, X509KeyStorageFlags.DefaultKeySet);
}
