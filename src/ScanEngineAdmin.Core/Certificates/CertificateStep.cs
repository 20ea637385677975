namespace ScanEngineAdmin.Core.Certificates;

/// <summary>How far the replacement of a certificate is to be carried.</summary>
public enum CertificateStep
{
    /// <summary>The new one is made and announced; nothing shows it yet.</summary>
    Prepare,

    /// <summary>It is also in use; the old one still counts, and there is a way back.</summary>
    Switch,

    /// <summary>The old one is dropped everywhere, and its key destroyed.</summary>
    Finish,
}
