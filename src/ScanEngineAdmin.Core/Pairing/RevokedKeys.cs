using System.Globalization;
using ScanEngineAdmin.Channel;
using ScanEngineAdmin.Domain.Faults;
using ScanEngineAdmin.Domain.Stores;

namespace ScanEngineAdmin.Core.Pairing;

/// <summary>The keys of engines that are no longer let in, so that they can be told why.</summary>
internal static class RevokedKeys
{
    public static void Remember(IConsoleStore store, IEnumerable<Fingerprint> keys, DateTimeOffset now)
    {
        foreach (Fingerprint key in keys)
        {
            store.SetSetting(Setting(key), now.ToString("O", CultureInfo.InvariantCulture));
        }
    }

    public static bool Has(IConsoleStore store, Fingerprint key) => store.GetSetting(Setting(key)) is not null;

    /// <summary>
    /// For who proved a secret: an admin may throw it out between its proof and its record, which is not made then.
    /// </summary>
    /// <exception cref="ScanEngineException">SecretRevoked.</exception>
    public static PairedPeer RequireIn(INodeStore store, PairedPeer peer) =>
        peer.SecretId is { } secretId && store.IsExpelled(secretId, peer.PeerFingerprint)
            ? throw new ScanEngineException(
                FaultCode.SecretRevoked,
                "This node was thrown out here after the secret was made; only a newer secret lets it in again.",
                "Make a new secret with New-EnginePairingSecret.",
                peer.EngineName)
            : peer;

    private static string Setting(Fingerprint key) => $"revoked.{key.Hex}";
}
