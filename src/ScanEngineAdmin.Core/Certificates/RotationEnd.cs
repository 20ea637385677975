using ScanEngineAdmin.Domain.Nodes;
using ScanEngineAdmin.Domain.Pairing;
using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Core.Certificates;

/// <summary>What the end of a replacement takes along.</summary>
internal static class RotationEnd
{
    public static string Name(CertificateRotation ended) =>
        ended.Phase == CertificatePhase.RollingBack ? Events.CertificateRolledBack : Events.CertificateFinished;

    /// <summary>
    /// A secret's text names the key of its maker: those that name the one that goes could only fail from now on.
    /// </summary>
    public static void RevokeSecrets(INodeStore store, CertificateRotation rotation, DateTimeOffset now)
    {
        bool oldGoes = rotation.Phase == CertificatePhase.Finishing;
        foreach (SecretRecord secret in store.ListSecrets()
            .Where(secret => secret.Revoked is null && secret.ExpiresAt > now))
        {
            bool namesOld = rotation.Switched is not { } switched || secret.Created < switched;
            if (namesOld == oldGoes)
            {
                store.RevokeSecret(secret.SecretId, now);
            }
        }
    }
}
