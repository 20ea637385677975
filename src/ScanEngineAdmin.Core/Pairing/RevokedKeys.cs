using System.Globalization;
using ScanEngineAdmin.Channel;
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

    private static string Setting(Fingerprint key) => $"revoked.{key.Hex}";
}
